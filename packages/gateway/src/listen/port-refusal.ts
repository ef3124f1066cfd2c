import { type Refusal, refuse } from "@carapace/protocol";

/** Says why a port could not be opened, and what to do. @throws anything that is not about the port. */
export function portRefusal(error: unknown, { hostname, port }: { hostname: string; port: number }): Refusal {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return refuse(
        "unavailable",
        `port ${port} on ${hostname} is in use; stop the program that holds it, or choose another with --port`,
      );
    case "EACCES":
    case "EPERM":
      return refuse("unavailable", `this user may not open port ${port}; choose one above 1023 with --port`);
    case "EADDRNOTAVAIL":
      return refuse("unavailable", `${hostname} is not an address of this machine; check gateway.bind`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return refuse("unavailable", `${hostname} could not be found; check gateway.bind`);
    default:
      throw error;
  }
}
