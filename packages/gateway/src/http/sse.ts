/**
 * One server-sent event: a line of data (which holds no line break: it is JSON), after a line with its name if it has
 * one. Pure.
 */
export function sseFrame(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}

/** A comment: it keeps proxies and readers from giving up a stream on which nothing happens. */
export const ssePing = ": ping\n\n";
