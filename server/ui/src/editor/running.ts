// Runs the query without leaving the page: checked first, then asked; the answer is the part of the page that the server
// sends to who has no scripts, with what scripts add.

import { offerToLookCloser } from "../picture/closer";
import { offerDrawing } from "./drawing";
import type { History } from "./history";
import { part, said } from "./page";
import type { Linted, Remarks } from "./remarks";
import { enhanceTables } from "./table";
import type { Editor } from "./writing";

const LONG_MS = 1000;

/** Takes over the form: Run, Check only, Stop. */
export function runInPlace(form: HTMLFormElement, editor: Editor, remarks: Remarks, history: History): void {
  const status = part("status");
  const stop = part<HTMLButtonElement>("stop");
  const result = part("result");
  let running: AbortController | undefined;

  async function ask(parameters: Record<string, string>, accept: string, signal: AbortSignal): Promise<Response> {
    const body = new URLSearchParams({ query: editor.query(), ...parameters });
    const address = `${form.action}?${body}`;
    if (address.length <= longest(form)) return fetch(address, { headers: { Accept: accept }, signal });
    return fetch(form.action, { method: "POST", body, headers: { Accept: accept }, signal });
  }

  /** What lint says; a syntax error is a remark too. Nothing if the server has no time to say. */
  async function check(signal: AbortSignal): Promise<Linted | undefined> {
    const reply = await ask({ lint: "true", format: "json" }, "application/json", signal);
    const told = await reply.json();
    if (reply.ok) return told;
    if (reply.status !== 400) return undefined;
    const message = [told.title, told.detail].filter(Boolean).join(": ");
    return { remarks: [{ rule: "syntax", severity: "error", message, line: told.line, column: told.column }] };
  }

  async function answer(signal: AbortSignal, picture: Record<string, string> = {}): Promise<void> {
    const parameters: Record<string, string> = { format: "html", ...picture };
    if (cites(form)) parameters["cite"] = "true";
    const begun = performance.now();
    const reply = await ask(parameters, "text/html", signal);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const seconds = (performance.now() - begun) / 1000;
    const found = page.querySelector("#result") ?? page.querySelector("main .wrap");
    result.replaceChildren(...(found ? [...found.childNodes].map((node) => document.importNode(node, true)) : []));
    const rows = Number(result.querySelector<HTMLElement>("[data-rows]")?.dataset["rows"] ?? Number.NaN);
    status.textContent = said(status, reply.ok ? "took" : "failed", { seconds: seconds.toFixed(2) });
    if (reply.ok) history.add({ query: editor.query(), when: Date.now(), rows: Number.isNaN(rows) ? null : rows });
    remember(form, editor.query(), picture);
    enhance();
    result.querySelector<HTMLElement>("h2")?.scrollIntoView({ block: "nearest" });
  }

  function enhance(): void {
    offerDrawing(result, (picture) => void work((signal) => answer(signal, picture)));
    offerToLookCloser(result);
    enhanceTables(result);
  }

  async function work(what: (signal: AbortSignal) => Promise<void>): Promise<void> {
    running?.abort();
    const own = (running = new AbortController());
    const begun = performance.now();
    stop.hidden = false;
    result.setAttribute("aria-busy", "true");
    status.textContent = "";
    const clock = window.setInterval(() => {
      status.textContent = said(status, "running", { seconds: Math.round((performance.now() - begun) / 1000) });
    }, LONG_MS);
    try {
      await what(own.signal);
    } catch (error) {
      const stopped = error instanceof DOMException && error.name === "AbortError";
      if (!stopped || running === own) status.textContent = said(status, stopped ? "stopped" : "unreachable");
    } finally {
      window.clearInterval(clock);
      if (running === own) {
        running = undefined;
        stop.hidden = true;
        result.removeAttribute("aria-busy");
      }
    }
  }

  const runAnyway = (): void => void work((signal) => answer(signal));
  const run = (): void =>
    void work(async (signal) => {
      const linted = await check(signal);
      const isWrong = linted?.remarks.some((remark) => remark.severity === "error") ?? false;
      if (linted?.remarks.length) remarks.show(linted, isWrong && linted.remarks[0]?.rule !== "syntax" ? runAnyway : undefined);
      else remarks.clear();
      if (isWrong) status.textContent = said(status, "notRun");
      else await answer(signal);
    });
  const checkOnly = (): void =>
    void work(async (signal) => {
      const linted = await check(signal);
      if (linted) remarks.show(linted);
      else status.textContent = said(status, "unreachable");
    });

  form.addEventListener("submit", (event) => {
    const format = form.querySelector<HTMLSelectElement>("#format");
    if (format && format.value !== "html") return; // a file: the browser fetches it
    event.preventDefault();
    const pressed = (event.submitter as HTMLButtonElement | null)?.name;
    if (pressed === "lint") checkOnly();
    else run();
  });
  editor.onRun(run);
  stop.addEventListener("click", () => running?.abort());
  window.addEventListener("popstate", () => window.location.reload());
  enhance();
}

/** Whether the answer is wanted with what its rows rest on. */
export function cites(form: HTMLFormElement): boolean {
  return form.querySelector<HTMLInputElement>("input[name=cite]")?.checked ?? false;
}

/** The longest address that the server takes, in bytes. */
export function longest(form: HTMLFormElement): number {
  return Number(form.dataset["longest"] ?? 8000);
}

/** Makes the page's address that of the query, so that it can be shared, kept and come back to. */
function remember(form: HTMLFormElement, query: string, picture: Record<string, string>): void {
  const address = permalink(form, query, picture);
  if (address.length <= longest(form) && address !== window.location.href) window.history.pushState(null, "", address);
}

/** The address of this page with the query and its answer. */
export function permalink(form: HTMLFormElement, query: string, picture: Record<string, string> = {}): string {
  const parameters = new URLSearchParams({ query, format: "html", ...picture });
  if (cites(form)) parameters.set("cite", "true");
  return `${form.action}?${parameters}`;
}
