// Draws a specification of the server's with Vega, without evaluating any code: our policy forbids that.

import { Error as ERRORS, loader, logger, parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";

/** What the server sends: Vega-Lite for files, and what of it is otherwise in a page. */
type Specification = TopLevelSpec & { usermeta: { page: object; links: Record<string, string> } };

type Loader = ReturnType<typeof loader>;

/** A picture that answers to the pointer and the keyboard. */
export interface Live {
  element: HTMLElement;
  /** Whether the wheel and dragging move its axis. */
  zooms: boolean;
  resize(scale: number): void;
  end(): void;
}

/** The drawing of what stands at an address; throws if there is none, or it cannot be drawn. */
export async function draw(address: string): Promise<Live> {
  const reply = await fetch(address, { headers: { Accept: "application/vnd.vegalite.v6+json, application/json" } });
  if (!reply.ok) throw new Error(`${address} was answered with ${reply.status}`);
  const { title: _, usermeta, ...found } = (await reply.json()) as Specification;
  const specification = { ...found, config: usermeta.page, padding: 2 } as TopLevelSpec;
  const element = document.createElement("div");
  element.className = "live";
  // Vega-Lite warns of what is meant, such as an axis that layers share.
  const view = new View(parse(compile(specification, { logger: logger(ERRORS) }).spec, undefined, { ast: true }), {
    expr: expressionInterpreter,
    loader: leadingTo(usermeta.links),
    logLevel: ERRORS,
    renderer: "svg",
    container: element,
    hover: true,
  });
  await view.runAsync();
  const drawn = element.querySelector("svg");
  if (!drawn) throw new Error(`nothing is drawn of ${address}`);
  const width = Number(drawn.getAttribute("width"));
  reachable(drawn);
  return {
    element,
    zooms: JSON.stringify(specification).includes('"bind":"scales"'),
    resize: (scale) => (drawn.style.width = `${Math.round(width * scale)}px`),
    end: () => view.finalize(),
  };
}

/** A loader that loads nothing, since pictures have all their data, and makes links to things links to their pages. */
function leadingTo(links: Record<string, string>): Loader {
  const usual = loader();
  const sanitize = usual.sanitize.bind(usual);
  const load = (uri: string): Promise<never> => Promise.reject(new Error(`a picture may not load ${uri}`));
  const led: Loader["sanitize"] = (uri, options) => sanitize(links[uri] ?? uri, options);
  return Object.assign(usual, { load, sanitize: led });
}

/** Lets a keyboard stop once at each thing that leads somewhere; Vega itself follows clicks alone. */
function reachable(drawn: SVGElement): void {
  const seen = new Set<string>();
  for (const element of drawn.querySelectorAll<SVGElement>("*")) {
    const item = (element as { __data__?: { href?: string } }).__data__;
    if (!item?.href || !element.getAttribute("aria-label")) continue;
    const key = `${item.href} ${element.getAttribute("aria-label")}`;
    if (seen.has(key)) continue;
    seen.add(key);
    element.setAttribute("role", "link");
    element.setAttribute("tabindex", "0");
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter") element.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    });
  }
}
