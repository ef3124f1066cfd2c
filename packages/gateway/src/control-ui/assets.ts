import { realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";

/** A file of the page. */
export interface Asset {
  readonly path: string;
  /** Its media type, by its extension (http.md §13). */
  readonly type: string;
  readonly sizeBytes: number;
  /** Changes with the file. */
  readonly etag: string;
  /** Its name holds a hash of its content: it never changes under this name. */
  readonly isHashed: boolean;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "application/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

/** `main-3fa9c1d2.js`, `chunk.3fa9c1d2.css`. */
const hashed = /[-.][0-9a-z]{8,}\.\w+$/;

export type Found =
  | { readonly kind: "asset"; readonly asset: Asset }
  /** `outside`: it is there, but not below the root. */
  | { readonly kind: "none" | "outside" };

/** Finds a file below a root; links are followed, but never out of it. @param path Decoded, relative, with slashes. */
export async function findAsset(root: string, path: string): Promise<Found> {
  if (path.includes("\0")) return { kind: "none" };
  const [home, place] = await Promise.all([realPath(root), realPath(join(root, path))]);
  if (home === undefined) return { kind: "none" };
  // What leads out of the root is told as such whether it is there or not.
  if (place === undefined) return { kind: join(root, path).startsWith(root + sep) ? "none" : "outside" };
  if (!place.startsWith(home + sep)) return { kind: place === home ? "none" : "outside" };
  const facts = await stat(place).catch(() => undefined);
  if (facts === undefined || !facts.isFile()) return { kind: "none" };
  const etag = `"${facts.size.toString(36)}-${Math.floor(facts.mtimeMs).toString(36)}"`;
  const type = types[extname(place).toLowerCase()] ?? "application/octet-stream";
  return {
    kind: "asset",
    asset: { path: place, type, sizeBytes: facts.size, etag, isHashed: hashed.test(path) },
  };
}

async function realPath(path: string): Promise<string | undefined> {
  return await realpath(path).catch(() => undefined);
}
