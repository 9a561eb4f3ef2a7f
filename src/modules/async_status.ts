import type { JsonObject } from "../core/json.ts";
import { sh } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { oneOf, text, withDefault } from "./args.ts";
import { defineAction, type Outcome } from "./contract.ts";
import { forgetJob, jobId, jobState, parseJob, runningAnswer, type JobState } from "./_job.ts";
import { lazily } from "./_lazy.ts";
import { processData } from "./_process.ts";

export const async_status = defineAction({
  name: "async_status",
  summary: "Ask for a job that a task with async left running on the host.",
  notes: `
* \`register\` gets \`started\` and \`finished\`, both true or false, and \`ansible_job_id\`; of a job that is finished also \`rc\`, \`stdout\`, \`stderr\`, \`stdout_lines\` and \`stderr_lines\`, the last MiB of each.
* It fails when the job has failed, was stopped since its time was over, or ended with the host; and when there is no such job.
* It must ask as the user as whom the job was started: what is kept of it is in \`~/.bowline_async\`, and \`mode: cleanup\` removes it.
`,
  args: lazily(() => ({
    jid: text("The job: `ansible_job_id` of the result that the task registered.").regex(jobId, "must be the id of a job"),
    mode: withDefault(oneOf(["status", "cleanup"], "`status` asks; `cleanup` removes what is kept of a job that has ended."), "status"),
  })),
  otherNames: { ansible_job_id: "jid", id: "jid", job: "jid" },
  examples: [{ title: "Wait for it", yaml: 'async_status:\n  jid: "{{ upgrade.ansible_job_id }}"\nregister: job\nuntil: job.finished\nretries: 60\ndelay: 10' }],
  readOnly: ({ mode }) => mode === "status",
  steps: ({ jid, mode }) => [run(mode === "status" ? jobState(jid) : cleanup(jid), { title: `${mode} of job ${jid}`, silent: true, trusted: true })],
  outcome({ jid, mode }, answers) {
    const answer = answers.at(-1) ?? { code: 1, stdout: "", stderr: "" };
    const job = parseJob(answer);
    if (mode === "status") return outcomeOf(jid, job);
    if (job.state === "running") return { changed: false, failed: `job ${jid} is running: what is kept of it cannot be removed` };
    return { changed: job.state !== "missing", data: { ansible_job_id: jid, erased: `~/.bowline_async/${jid}` } };
  },
});

/** What is kept of a running job stays. */
function cleanup(jid: string) {
  return sh`
    state=$(${jobState(jid)})
    printf '%s\n' "$state"
    case $state in ${runningAnswer}*) ;; *) ${forgetJob(jid)} ;; esac
  `;
}

function outcomeOf(jid: string, job: JobState): Outcome {
  switch (job.state) {
    case "missing":
      return { changed: false, failed: `there is no job ${jid}`, data: jobData(jid, false, true) };
    case "running":
      return { changed: false, message: `job ${jid} is running`, data: jobData(jid, true, false) };
    case "lost":
      return { changed: false, failed: `job ${jid} ended without an exit code: it was killed, or the host was restarted`, data: jobData(jid, true, true) };
    case "finished":
      return finished(jid, job);
    default:
      return job.state satisfies never;
  }
}

function finished(jid: string, { code, expired, stdout, stderr }: JobState): Outcome {
  const data = { ...jobData(jid, true, true), ...processData(`job ${jid}`, { code, stdout, stderr }) };
  if (expired) return { changed: true, failed: `job ${jid} took too long, and was stopped with all it had started`, data };
  if (code === 0) return { changed: true, data };
  const words = stderr.trim().split("\n").at(-1);
  return { changed: true, failed: `job ${jid}: exit code ${code}${words ? `: ${words}` : ""}`, data };
}

function jobData(jid: string, started: boolean, isFinished: boolean): JsonObject {
  return { ansible_job_id: jid, started, finished: isFinished };
}
