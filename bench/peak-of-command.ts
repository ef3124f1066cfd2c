/**
 * Runs a command and prints the most resident memory it took, in bytes. In a process of its own, and a small one: what the
 * system counts for a child begins with the memory of its parent.
 */
const [command = "", ...args] = process.argv.slice(2);
const child = Bun.spawn([command, ...args], { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
if ((await child.exited) !== 0) throw new Error(`${command} failed`);
console.log(child.resourceUsage()?.maxRSS);

export {};
