// The query as a command or program to take away, and its address. Quoted for the language that it is in.

import { part, said } from "./page";
import { longest, permalink } from "./running";
import type { Editor } from "./writing";

/** Text as one word of a POSIX shell. */
export const shell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** Text as a literal of Python, on several lines. */
export const python = (text: string): string => `"""\n${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}\n"""`;
/** Text as a literal of R. */
export const r = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

const WRITERS: Record<string, (endpoint: string, query: string) => string> = {
  curl: (endpoint, query) =>
    `curl ${shell(endpoint)} -H 'Accept: text/csv' --data-urlencode ${shell(`query=${query}`)}`,
  python: (endpoint, query) =>
    [
      "from io import StringIO",
      "",
      "import pandas",
      "import requests",
      "",
      `query = ${python(query)}`,
      `reply = requests.post(${JSON.stringify(endpoint)}, data={"query": query}, headers={"Accept": "text/csv"})`,
      "reply.raise_for_status()",
      "table = pandas.read_csv(StringIO(reply.text))",
      "print(table)",
    ].join("\n"),
  r: (endpoint, query) =>
    [
      "library(httr2)",
      "",
      `query <- ${r(query)}`,
      `reply <- request(${r(endpoint)}) |> req_headers(Accept = "text/csv") |>`,
      "  req_body_form(query = query) |> req_perform()",
      "table <- read.csv(text = resp_body_string(reply))",
      "print(table)",
    ].join("\n"),
};

/** Fills the snippets whenever they are opened or the query changes, and the address to share. */
export function offerSnippets(form: HTMLFormElement, editor: Editor): void {
  const place = part<HTMLDetailsElement>("snippets");
  const language = part<HTMLSelectElement>("snippet-language");
  const code = part("snippet");
  const copied = part("copied");
  const endpoint = form.dataset["endpoint"] ?? form.action;

  function fill(): void {
    if (place.open) code.textContent = WRITERS[language.value]?.(endpoint, editor.query()) ?? "";
  }

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      copied.textContent = said(copied, "done");
    } catch {
      copied.textContent = said(copied, "failed"); // without permission, or not over https
    }
  }

  place.hidden = false;
  place.addEventListener("toggle", fill);
  language.addEventListener("change", fill);
  editor.onChange(fill);
  part("copy-snippet").addEventListener("click", () => void copy(code.textContent ?? ""));
  part("copy-address").addEventListener("click", () => {
    const address = permalink(form, editor.query());
    if (address.length <= longest(form)) void copy(address);
    else copied.textContent = said(copied, "long");
  });
}
