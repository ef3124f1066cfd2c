import { type FetchOptions, guardedFetch } from "../src/index.ts";

interface Asked {
  readonly plain: number;
  readonly secure: number;
  readonly cert: string;
}

const { plain, secure, cert }: Asked = JSON.parse(process.argv[2] ?? "");
const here: FetchOptions = {
  schemes: ["http", "https"],
  allowPrivate: true,
  resolve: async () => ["127.0.0.1"],
};

async function told(url: string, options: FetchOptions): Promise<string> {
  const result = await guardedFetch(url, options);
  return result.ok ? Buffer.from(result.value.bytes).toString() : result.reason;
}

const url = `https://good.example:${secure}/`;
process.stdout.write(
  JSON.stringify({
    plain: await told(`http://plain.example:${plain}/`, here),
    secure: await told(url, { ...here, certificateAuthorities: cert }),
    unproven: await told(url, here),
    // Shows that the environment is in force for what is not guarded.
    bare: await fetch(`http://plain.example:${plain}/`).then((response) => response.text()),
  }),
);
