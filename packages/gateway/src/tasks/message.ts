import type { TaskRecord } from "./record.ts";

/**
 * What the run of an attempt is told. From the second attempt on it is told that it goes on with something: the same
 * conversation holds what was done before. What the assistant noted is not repeated here, because this message speaks
 * with the owner's voice and a note may have come from anywhere; `task_update` reads it back under its own label.
 */
export function messageOf(message: string, task: TaskRecord): string {
  if (task.attempts <= 1) return message;
  const lines = [
    `This is attempt ${task.attempts} at this task. What was done before stands above in this conversation: go on from there, and do not do again what is done.`,
    ...(task.checkpoint === undefined
      ? []
      : ["You kept a note of where the work stands: task_update reads it back."]),
    ...(task.operatorNote === undefined ? [] : [`The owner adds: ${task.operatorNote}`]),
  ];
  return `${message}\n\n[${lines.join(" ")}]`;
}
