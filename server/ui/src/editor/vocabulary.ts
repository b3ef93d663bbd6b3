// What completion knows: prefixes, classes and properties of this dataset, from this server; things by its search.

export interface Term {
  iri: string;
  name: string;
  count: number;
  definition: string;
}

export interface Vocabulary {
  prefixes: Record<string, string>;
  classes: Term[];
  properties: Term[];
}

const NOTHING: Vocabulary = { prefixes: {}, classes: [], properties: [] };

/** The vocabulary; nothing to complete with if it cannot be had. */
export async function readVocabulary(address: string): Promise<Vocabulary> {
  try {
    const reply = await fetch(address);
    return reply.ok ? await reply.json() : NOTHING;
  } catch {
    return NOTHING; // the editor works without completion
  }
}

/** Those terms whose name, or a word of it, begins with what is typed: the name first, then what is used most. */
export function matching(terms: Term[], typed: string): Term[] {
  const text = typed.toLowerCase();
  const word = text.slice(text.indexOf(":") + 1);
  const rank = (term: Term): number => {
    const name = term.name.toLowerCase();
    const local = name.slice(name.indexOf(":") + 1);
    if (name.startsWith(text)) return 0;
    if (local.startsWith(word)) return 1;
    return local.includes(word) ? 2 : 3;
  };
  const ranked = terms.map((term) => ({ term, rank: rank(term) })).filter((each) => each.rank < 3);
  return ranked.sort((a, b) => a.rank - b.rank || b.term.count - a.term.count).map((each) => each.term);
}

export interface Found {
  iri: string;
  label: string;
  kind: string;
}

/** Things whose names begin with these words, by the search of this server. */
export async function thingsNamed(address: string, words: string): Promise<Found[]> {
  try {
    const reply = await fetch(`${address}&q=${encodeURIComponent(words)}`);
    if (!reply.ok) return [];
    const results: { iri: string | null; label: string; kind: string; classes: { label?: string }[] }[] = (await reply.json())
      .results;
    return results.map((each) => ({ iri: each.iri ?? "", label: each.label, kind: each.classes[0]?.label || each.kind }));
  } catch {
    return [];
  }
}
