import assert from "node:assert/strict";
import { Log, type LogOptions } from "../../../src/daemon/log.ts";

function lines(options: Partial<LogOptions>, write: (log: Log) => void): string[] {
  const written: string[] = [];
  write(new Log({ format: "text", level: "info", journald: false, write: (line) => written.push(line), ...options }));
  return written;
}

describe("log", () => {
  it("has time, level and process in front of the text, on a terminal", () => {
    const [line = ""] = lines({}, (log) => log.write("error", "it is so"));
    assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z error ipmpd\[\d+\]: it is so\n$/);
  });

  it("leaves time and process to journald, and tells it the priority", () => {
    const written = lines({ journald: true, level: "debug" }, (log) => {
      for (const level of ["error", "warning", "info", "debug"] as const) log.write(level, level);
    });
    assert.deepEqual(written, ["<3>error\n", "<4>warning\n", "<6>info\n", "<7>debug\n"]);
  });

  it("leaves out what is less urgent than asked for", () => {
    const written = lines({ level: "warning" }, (log) => {
      log.write("info", "no");
      log.write("warning", "yes");
    });
    assert.equal(written.length, 1);
  });

  it("has the fields beside the text in JSON", () => {
    const [line = ""] = lines({ format: "json" }, (log) =>
      log.write("error", "x", { id: "link-down", interface: "a" }),
    );
    const { time, ...rest } = JSON.parse(line);
    assert.match(time, /Z$/);
    assert.deepEqual(rest, { level: "error", text: "x", id: "link-down", interface: "a" });
  });
});
