/** What a receiver of webhooks was handed, by whom it was for. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** The ids of the messages that were for somebody, as their sender named them. */
  keysFor(to: string): ReadonlySet<string>;
  /** How many posts there were of one message. */
  postsOf(key: string): number;
  /** From now on it takes everything at once. */
  behave(): void;
}

/**
 * A receiver on loopback that drops repeated deliveries by their `Idempotency-Key`, as receivers do, and is no easy one:
 * it is busy, stands still, and takes messages without answering.
 */
export function startReceiver(random: () => number): Receiver {
  const keys = new Map<string, Set<string>>();
  const posts = new Map<string, number>();
  let isGood = false;

  async function take(request: Request): Promise<Response> {
    const key = request.headers.get("idempotency-key") ?? "none";
    const { to }: { to: string } = JSON.parse(await request.text());
    const luck = isGood ? 1 : random();
    if (luck < 0.005) return new Response("busy", { status: 429, headers: { "Retry-After": "1" } });
    if (luck < 0.08) return new Response("busy", { status: 503 });
    posts.set(key, (posts.get(key) ?? 0) + 1);
    keys.set(to, (keys.get(to) ?? new Set()).add(key));
    // It has the message, and its sender never learns of it.
    if (luck < 0.12) await Bun.sleep(random() * 200);
    if (luck < 0.16) throw new Error("goes away without an answer");
    return new Response("{}", { status: 200 });
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: take,
    error: () => new Response(null, { status: 502 }),
  });
  return {
    url: `http://127.0.0.1:${server.port}/in`,
    keysFor: (to) => keys.get(to) ?? new Set(),
    postsOf: (key) => posts.get(key) ?? 0,
    behave() {
      isGood = true;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
