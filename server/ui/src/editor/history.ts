// The queries that were run, kept in this browser alone.

import { button, made, part, said } from "./page";
import type { Editor } from "./writing";

const KEY = "oxus-queries";
const MOST = 50;

export interface Run {
  query: string;
  when: number;
  rows: number | null;
}

export interface History {
  add(run: Run): void;
}

/** The list of what was run, newest first; a query that is run again moves up. */
export function keepHistory(editor: Editor): History {
  const place = part("history");
  const list = place.querySelector("ol") ?? place.appendChild(made("ol"));
  const forget = place.querySelector<HTMLButtonElement>("button");

  function draw(): void {
    const runs = read();
    list.replaceChildren(...runs.map(item));
    place.hidden = !runs.length;
  }

  function item(run: Run): HTMLLIElement {
    const element = made("li");
    const when = new Date(run.when).toLocaleString(document.documentElement.lang);
    const title = run.query.replace(/^(PREFIX .*|#.*|\s*)\n/gim, "").replace(/\s+/g, " ").slice(0, 120);
    const load = button(title || run.query.slice(0, 120), () => {
      editor.write(run.query);
      editor.focus();
    }, "plain query");
    const told = run.rows === null ? when : said(place, "told", { when, rows: run.rows });
    const remove = button(said(place, "remove"), () => {
      write(read().filter((each) => each.query !== run.query));
      draw();
    });
    remove.setAttribute("aria-label", `${said(place, "remove")}: ${title}`);
    element.append(load, made("span", told, "muted"), remove);
    return element;
  }

  forget?.addEventListener("click", () => {
    write([]);
    draw();
    editor.focus();
  });
  draw();
  return {
    add: (run) => {
      write([run, ...read().filter((each) => each.query !== run.query)].slice(0, MOST));
      draw();
    },
  };
}

function read(): Run[] {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each?.query === "string") : [];
  } catch {
    return []; // no storage, or not what we wrote
  }
}

function write(runs: Run[]): void {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(runs));
  } catch {
    // no storage, or it is full: nothing is kept
  }
}
