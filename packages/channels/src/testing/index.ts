export type { Behaviour, Received, Receiver } from "./receiver.ts";
export { accepts, answers, inTurn, startReceiver } from "./receiver.ts";
