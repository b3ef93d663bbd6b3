// One script for each concern of the pages, by its name in src/; what several need is a chunk. Addresses inside are relative,
// so that the files work under any path.
import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

const sources = readdirSync(new URL("src", import.meta.url), { withFileTypes: true });
const scripts = sources.filter((each) => each.isFile()).map((each) => [each.name.replace(/\.ts$/, ""), `src/${each.name}`]);

export default defineConfig({
  base: "./",
  build: {
    outDir: "../static/built",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    license: { fileName: "licences.md" },
    // The editor is large, and loaded on its page alone; Vega larger still, and loaded when a visitor asks for it.
    chunkSizeWarningLimit: 1100,
    rolldownOptions: {
      // In Yasqe's copy of a JSON parser for browsers without one: never reached, and refused by our policy.
      checks: { eval: false },
      input: Object.fromEntries(scripts),
      output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name][extname]" },
    },
  },
});
