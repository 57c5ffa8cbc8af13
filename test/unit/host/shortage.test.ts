import assert from "node:assert/strict";
import { shortageAhead, shortageRemedy, shortageText } from "../../../src/host/shortage.ts";

const failed = (code: string, message = "refused") => Object.assign(new Error(message), { code });

describe("too little of something", () => {
  it("has a remedy for files, threads and memory, and for nothing else", () => {
    assert.match(shortageRemedy("EMFILE") ?? "", /LimitNOFILE=/);
    assert.match(shortageRemedy("ENFILE") ?? "", /fs\.file-max/);
    assert.match(shortageRemedy("EAGAIN") ?? "", /TasksMax=/);
    assert.match(shortageRemedy("ERR_WORKER_INIT_FAILED") ?? "", /TasksMax=/);
    assert.match(shortageRemedy("ERR_WORKER_OUT_OF_MEMORY") ?? "", /MemoryMax=/);
    assert.equal(shortageRemedy("EPERM"), undefined);
  });

  it("is told in one sentence with the errno", () => {
    assert.equal(
      shortageText(failed("EMFILE")),
      "The system gives this process too little to start (EMFILE); raise the limit of open files: LimitNOFILE= of the service, or ulimit -n",
    );
    assert.match(
      shortageText(failed("ERR_WORKER_INIT_FAILED", "Worker init: EMFILE")) ?? "",
      /\(EMFILE\); .*LimitNOFILE=/,
    );
    assert.equal(shortageText(failed("ENOENT")), undefined);
    assert.equal(shortageText(new Error("a bug")), undefined);
    assert.equal(shortageText(undefined), undefined);
  });

  it("is not seen ahead where a test runner has enough", () => {
    assert.equal(shortageAhead(), undefined);
  });
});
