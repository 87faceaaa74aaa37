import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `vite dev` finds the server; `python main.py --dev` sets it. */
const server = process.env["LATENTGRAPH_SERVER"] ?? "http://127.0.0.1:8288";
// Host and Origin go on as they came: the server knows this port and still refuses other sites.
const proxied = { target: server, ws: true };

export default defineConfig({
  base: "/", // the page is also served at places inside it, such as /workflows/mine
  plugins: [react()],
  server: { host: "127.0.0.1", proxy: { "/api": proxied } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // The page's policy admits no data: fonts, and a file per asset keeps the diff of a build small.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        // No hashes: the server revalidates every file, so names can stay and old ones never pile up.
        entryFileNames: "assets/app.js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
        codeSplitting: {
          groups: [
            { name: "vendor", test: /node_modules/ },
            // What the page and the parts fetched later have in common: one file, not one for each module.
            { name: "shared", test: /\/src\//, minShareCount: 2 },
          ],
        },
      },
    },
  },
  worker: {
    format: "es",
    rolldownOptions: { output: { entryFileNames: "assets/[name].js" } },
  },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
