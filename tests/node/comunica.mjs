// Asks Comunica each query of a task over its sources: {"asked": [{"query": …, "sources": […]}, …]} → [answer, …].
import { readFileSync } from 'node:fs';
import { QueryEngine } from '@comunica/query-sparql';

const term = (one) => ({
  type: one.termType === 'NamedNode' ? 'uri' : one.termType === 'Literal' ? 'literal' : 'bnode',
  value: one.value,
  ...(one.language ? { 'xml:lang': one.language } : {}),
});

async function answer(engine, { query, sources }) {
  try {
    const found = await engine.query(query, { sources });
    if (found.resultType === 'boolean') return await found.execute();
    const stream = await (await found.execute()).toArray();
    if (found.resultType === 'quads') return stream.map((quad) => [quad.subject, quad.predicate, quad.object].map(term));
    return stream.map((row) => Object.fromEntries([...row].map(([name, value]) => [name.value, term(value)])));
  } catch (error) {
    return { error: error.message };
  }
}

const engine = new QueryEngine();
const answers = [];
for (const each of JSON.parse(readFileSync(0, 'utf8')).asked) answers.push(await answer(engine, each));
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
