import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// What the server embeds. Addresses are relative, so that it works below any path; names change with what is in a file,
// so that each can be kept for good; nothing is written into scripts or styles that the strict policy of pages would refuse.
export default defineConfig({
  base: "./",
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US"] }), enforce: "pre" }],
  build: {
    outDir: "dist/app",
    assetsDir: "",
    manifest: "manifest.json",
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"], // light-dark() stays as it is
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
    license: { fileName: "LICENSES.md" },
    rollupOptions: {
      input: { app: "src/main.tsx", result: "src/modules/result.ts", share: "src/modules/share.ts" },
      output: { entryFileNames: "[name]-[hash].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name]-[hash][extname]" },
    },
  },
});
