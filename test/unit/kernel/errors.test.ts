import assert from "node:assert/strict";
import { constants } from "node:os";
import { KernelError, withKernelErrors } from "../../../src/kernel/errors.ts";
import { refusalOf } from "../../support/stand-in-thread.ts";

function messageOf(errno: number, text = ""): string {
  const refuse = () => {
    throw Object.assign(refusalOf("starting a thread", errno), { text });
  };
  try {
    return withKernelErrors(refuse);
  } catch (error) {
    assert.ok(error instanceof KernelError);
    assert.equal(error.code, "KERNEL_REFUSED");
    return error.message;
  }
}

describe("what the system refuses", () => {
  const { EAGAIN, EINVAL, EMFILE, ENFILE, ENOMEM, EPERM } = constants.errno;

  it("is told with the limit to raise", () => {
    assert.match(messageOf(EAGAIN), /^starting a thread failed with EAGAIN; raise the limit of tasks: TasksMax=/);
    assert.match(messageOf(EMFILE), /LimitNOFILE=/);
    assert.match(messageOf(ENFILE), /fs\.file-max/);
    assert.match(messageOf(ENOMEM), /MemoryMax=/);
    assert.match(messageOf(EPERM), /run as root, or with CAP_NET_ADMIN and CAP_NET_RAW$/);
  });

  it("is told in the kernel's own words where it has any", () => {
    assert.equal(messageOf(EAGAIN, "again"), "starting a thread failed with EAGAIN (the kernel says: again)");
    assert.equal(messageOf(EINVAL), "starting a thread failed with EINVAL");
  });
});
