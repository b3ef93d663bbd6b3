// Expands JSON-LD documents: [text, …] → [N-Quads, …]. Nothing is fetched: schema.org's context stands for its vocabulary.
import { readFileSync } from 'node:fs';
import jsonld from 'jsonld';

const documentLoader = async (url) => {
  if (!/^https?:\/\/schema\.org\/?$/.test(url)) throw new Error(`${url} would be fetched`);
  return { documentUrl: url, document: { '@context': { '@vocab': 'https://schema.org/' } } };
};
const told = [];
for (const text of JSON.parse(readFileSync(0, 'utf8'))) {
  told.push(await jsonld.toRDF(JSON.parse(text), { documentLoader, format: 'application/n-quads', safe: true }));
}
process.stdout.write(JSON.stringify(told), () => process.exit(0));
