// Puts a live drawing of the same picture in the place of the server's, and back. What draws is fetched when it is asked for.

import { button, made, said } from "../editor/page";
import type { Live } from "./live";

const STEP = 1.25;

/** Gives each picture below that has a specification its button. */
export function offerToLookCloser(below: ParentNode): void {
  below.querySelectorAll<HTMLElement>("figure.picture[data-specification]").forEach(offer);
}

function offer(figure: HTMLElement): void {
  const place = figure.querySelector<HTMLElement>(".scroll");
  const still = place?.querySelector("svg");
  if (!place || !still || figure.querySelector(".closer")) return;
  const bar = made("div", "", "row closer");
  const status = made("p", "", "small muted");
  status.role = "status";
  let live: Live | undefined;
  let scale = 1;

  const open = button(said(figure, "closer"), () => void enter());
  const others = [
    button(said(figure, "larger"), () => resize(scale * STEP)),
    button(said(figure, "smaller"), () => resize(scale / STEP)),
    button(said(figure, "back"), leave),
  ];

  async function enter(): Promise<void> {
    open.disabled = true;
    status.textContent = said(figure, "loading");
    try {
      const { draw } = await import("./live");
      live = await draw(figure.dataset["specification"] ?? "");
    } catch (error) {
      console.info("the picture stays as the server drew it:", error);
      status.textContent = said(figure, "failed");
      return;
    } finally {
      open.disabled = false;
    }
    still!.replaceWith(live.element);
    open.replaceWith(...others);
    scale = 1;
    status.textContent = said(figure, live.zooms ? "zooms" : "inspects");
    place!.focus();
  }

  function leave(): void {
    live?.element.replaceWith(still!);
    live?.end();
    live = undefined;
    others[0]!.before(open);
    others.forEach((each) => each.remove());
    status.textContent = "";
    open.focus();
  }

  function resize(to: number): void {
    scale = Math.min(Math.max(to, 0.4), 6);
    live?.resize(scale);
  }

  figure.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && live) leave();
  });
  bar.append(open, status);
  place.before(bar);
}
