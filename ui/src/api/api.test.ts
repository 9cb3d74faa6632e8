import { describe, expect, it } from "vitest";
import { FakeCore, failure, later } from "../fakes/core";
import { CallError, call, Latest, oneAtATime } from ".";

describe("a call", () => {
  it("throws the core's reason, with its field", async () => {
    new FakeCore({
      desk: () => {
        throw failure("disk_full", "anything");
      },
    });
    const thrown = await call("desk", {}).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(CallError);
    expect((thrown as CallError).failure).toMatchObject({ code: "disk_full", field: "anything" });
  });
});

describe("the latest question", () => {
  it("lets only its own answer through, and no failure of an older one", async () => {
    const latest = new Latest();
    const older = latest.of(Promise.reject(new Error("late")));
    const newer = latest.of(Promise.resolve("new"));
    expect(await older).toBeNull();
    expect(await newer).toBe("new");
  });
});

describe("asking again", () => {
  it("asks one at a time, and once more for all that changed meanwhile", async () => {
    const answers = [later<void>(), later<void>()];
    let asked = 0;
    const ask = oneAtATime(async () => {
      asked += 1;
      await answers[asked - 1]?.promise;
    });
    ask();
    ask();
    ask();
    expect(asked).toBe(1);
    answers[0]?.answer();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(asked).toBe(2);
    answers[1]?.answer();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(asked).toBe(2);
  });
});
