import type { ServicePlan } from "../plan.ts";
import { escapeXml } from "./xml.ts";

/** The task's name in the Task Scheduler. */
export const windowsTask = "Carapace";

/**
 * A task of the Windows Task Scheduler (its schema 1.4) that starts the gateway when its owner signs in, with their
 * own rights only. Pure. A task has no variables of its own: they come from the owner's account.
 * @param user `DOMAIN\name`
 */
export function windowsTaskXml({ program, args, stateDir }: ServicePlan, user: string): string {
  const command = escapeXml(program);
  const line = escapeXml(args.map(argument).join(" "));
  const who = escapeXml(user);
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Carapace, a personal AI assistant</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>${who}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Owner">
      <UserId>${who}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>5</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Owner">
    <Exec>
      <Command>${command}</Command>
      <Arguments>${line}</Arguments>
      <WorkingDirectory>${escapeXml(stateDir)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
}

/** Quoted as the C runtime of Windows splits a command line. */
function argument(text: string): string {
  if (/^[^\s"]+$/.test(text)) return text;
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}
