// The SPARQL page for those who have scripts: an editor in the place of the text field, answers without leaving the page.
// What the server sends to those without is used as it is: the answer is the same part of the same page.

import { fillExamples } from "./editor/examples";
import { keepHistory } from "./editor/history";
import { showRemarks } from "./editor/remarks";
import { runInPlace } from "./editor/running";
import { offerSnippets } from "./editor/snippets";
import { readVocabulary } from "./editor/vocabulary";

const form = document.querySelector<HTMLFormElement>("form#editor");
if (form) void begin(form);

async function begin(form: HTMLFormElement): Promise<void> {
  const { write } = await import("./editor/writing");
  const editor = write(form, readVocabulary(form.dataset["schema"] ?? ""));
  const remarks = showRemarks(editor);
  const history = keepHistory(editor);
  runInPlace(form, editor, remarks, history);
  fillExamples(editor);
  offerSnippets(form, editor);
}
