// Completion in the editor: classes and properties where they fit, things behind `id:` and the like, prefixes. Yasqe's own
// completers ask other hosts and are not used.

import Yasqe from "@zazuko/yasqe";
import type { Hint, Token } from "@zazuko/yasqe";
import { matching, thingsNamed } from "./vocabulary";
import type { Vocabulary } from "./vocabulary";

const MOST = 60;
const NAME = "dataset";
const TYPES = ["a", "rdf:type", "rdfs:domain", "rdfs:range", "rdfs:subClassOf"];
const THING = /^([a-z][\w-]*):([\p{L}\p{N}_-]*)$/u;

interface Suggestion {
  text: string;
  told: string;
}

/** Lets Yasqe complete from our vocabulary alone; to be called before an editor is made. */
export function completeFrom(vocabulary: Promise<Vocabulary>, search: string): void {
  let told = new Map<string, string>();
  const completer = {
    name: NAME,
    bulk: false,
    autoShow: true,
    isValidCompletionPosition: (yasqe: Yasqe) => {
      const token = yasqe.getCompleteToken();
      return token.string.trim().length > 0 && !/^[?$"'#{}()[\].;,<]/.test(token.string) && token.type !== "comment";
    },
    get: async (yasqe: Yasqe, token?: Token) => {
      const found = await suggestions(yasqe, token ?? yasqe.getCompleteToken(), await vocabulary, search);
      told = new Map(found.map((each) => [each.text, each.told]));
      return found.map((each) => each.text);
    },
    postprocessHints: (_: Yasqe, hints: Hint[]) =>
      hints.map((hint) => ({ ...hint, displayText: `${hint.text}  ${told.get(hint.text) ?? ""}` })),
  };
  Yasqe.registerAutocompleter(completer as never, false);
  Yasqe.defaults.autocompleters = [NAME, "variables"];
}

async function suggestions(yasqe: Yasqe, token: Token, words: Vocabulary, search: string): Promise<Suggestion[]> {
  const typed = token.string.trim();
  const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token);
  if (before?.string.toUpperCase() === "PREFIX") {
    const known = Object.entries(words.prefixes).filter(([name]) => name.startsWith(typed.replace(/:.*/, "")));
    return known.map(([name, iri]) => ({ text: `${name}: <${iri}>`, told: "" }));
  }
  const asClass = TYPES.includes(before?.state?.lastProperty ?? "");
  const asProperty = (token.state?.possibleCurrent ?? []).includes("a") && !asClass;
  const terms = asClass ? words.classes : asProperty ? words.properties : [...words.classes, ...words.properties];
  const fitting = matching(terms, typed).slice(0, MOST);
  const found = fitting.map((term) => ({ text: term.name, told: `${term.count}  ${short(term.definition)}` }));
  const thing = THING.exec(typed);
  const base = thing && words.prefixes[thing[1] ?? ""];
  if (found.length || !base || !thing[2]) return found;
  const things = await thingsNamed(search, thing[2].replaceAll("-", " "));
  return things
    .filter((each) => each.iri.startsWith(base))
    .map((each) => ({ text: `${thing[1]}:${each.iri.slice(base.length)}`, told: `${each.label}, ${each.kind}` }));
}

function short(text: string): string {
  return text.length > 70 ? `${text.slice(0, 69).trimEnd()}…` : text;
}

/** Declares a known prefix above the query as soon as it is used. */
export function declareUsedPrefixes(yasqe: Yasqe, known: Record<string, string>): void {
  const token = yasqe.getCompleteToken();
  const name = /^([a-z][\w-]*):/i.exec(token.string)?.[1];
  const iri = name === undefined ? undefined : known[name];
  if (name === undefined || iri === undefined || name in yasqe.getPrefixesFromQuery()) return;
  const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token);
  if (before?.string.toUpperCase() !== "PREFIX" && token.type !== "comment") yasqe.addPrefixes({ [name]: iri });
}
