import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import type { ImportState } from "../../api";
import { FakeCore, failure } from "../../fakes/core";
import { aBatch, anImport, aReport, aSheet } from "../../fakes/members";
import { aDesk, dong } from "../../fakes/things";
import ImportScreen from "./ImportScreen.svelte";
import { Import, MOST_MB } from "./import.svelte";

/** A core that checks and takes in at once, and remembers where it stands. */
function aCore(report = aReport()): FakeCore {
  let state = anImport();
  let isUndone = false;
  const core = new FakeCore({
    read_import: ({ file_name }) => aSheet({ file_name }),
    import_state: () => state,
    check_import: ({ expect_total_minor }) => {
      const total_agrees =
        expect_total_minor === null ? null : expect_total_minor === report.opening_total.minor;
      state = anImport({ stage: "checked", report: { ...report, total_agrees } });
      return state;
    },
    take_import: () => {
      state = anImport({ stage: "taken", report: { ...report, batch: "batch-1" } });
      return state;
    },
    undo_import: () => {
      isUndone = true;
      state = anImport({ stage: "undone" });
      return state;
    },
    import_batches: () => ({ batches: state.stage === "idle" ? [] : [aBatch({ is_undone: isUndone })] }),
  });
  return core;
}

function open(importing = new Import()) {
  const onback = vi.fn();
  const { unmount } = render(ImportScreen, { props: { desk: aDesk(), importing, onback } });
  return { onback, unmount };
}

const at = (id: string) => document.getElementById(id);
const textAt = (id: string) => at(id)?.textContent?.replace(/\s+/g, " ").trim();
const takeIn = () => fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true });

async function chooseFile(file = new File(["a;b"], "members.csv")) {
  const input = at("import-file") as HTMLInputElement;
  Object.defineProperty(input, "files", { value: [file], configurable: true });
  await fireEvent.change(input);
}

async function chooseAndCheck() {
  await chooseFile();
  await screen.findByRole("table", { name: /What each column is/ });
  await fireEvent.click(at("import-check") as HTMLElement);
  await waitFor(() => expect(at("import-report")).not.toBeNull());
}

describe("the file of an import", () => {
  it("is read, and said what was seen in it", async () => {
    const core = aCore();
    open();
    await chooseFile();
    await waitFor(() =>
      expect(textAt("import-file-facts")).toBe(
        "members.csv 1,666 rows, semicolons between the columns, UTF-8",
      ),
    );
    expect(core.payloadsOf("read_import")).toEqual([{ file_name: "members.csv", data: btoa("a;b") }]);
  });

  it("is refused before it is read where it is too large", async () => {
    const core = aCore();
    open();
    const large = new File(["x"], "large.csv");
    Object.defineProperty(large, "size", { value: 60_000_000 });
    await chooseFile(large);
    await screen.findByText(`This file is larger than ${MOST_MB} MB. Split it into smaller ones.`);
    expect(core.payloadsOf("read_import")).toEqual([]);
  });

  it("can be dropped", async () => {
    const core = aCore();
    open();
    const dropped = new Event("drop", { bubbles: true, cancelable: true });
    Object.defineProperty(dropped, "dataTransfer", { value: { files: [new File(["x"], "dropped.csv")] } });
    window.dispatchEvent(dropped);
    await waitFor(() => expect(core.payloadsOf("read_import")[0]?.file_name).toBe("dropped.csv"));
    expect(dropped.defaultPrevented).toBe(true);
  });

  it("says why it cannot be read", async () => {
    const core = aCore();
    core.answers.read_import = () => {
      throw failure("not_a_spreadsheet_text", null);
    };
    open();
    await chooseFile(new File(["PK"], "members.xlsx"));
    await screen.findByText(/^This is not a CSV file/);
  });
});

describe("the columns", () => {
  const field = (place: number) => at(`import-column-${place}`) as HTMLSelectElement;
  const choose = (place: number, value: string) => fireEvent.change(field(place), { target: { value } });

  it("are preset with what was guessed, and each field is used once", async () => {
    aCore();
    open();
    await chooseFile();
    await waitFor(() => expect(field(1)?.value).toBe("full_name"));
    expect(field(2).value).toBe("phone");
    expect(field(4).value).toBe("");
    expect(field(4).selectedOptions[0]?.textContent).toBe("Left out");
    await choose(4, "full_name");
    await waitFor(() => expect(field(1).value).toBe(""));
    expect([...field(1).options].map((option) => option.textContent)).toContain("Full name (now Hạng)");
  });

  it("need a name, and say that a phone is missing", async () => {
    const core = aCore();
    open();
    await chooseFile();
    await waitFor(() => expect(field(1)?.value).toBe("full_name"));
    await choose(2, "");
    expect(textAt("import-missing")).toMatch(/^No column is the phone yet/);
    await choose(1, "");
    expect(textAt("import-missing")).toMatch(/^No column is the name yet/);
    expect((at("import-check") as HTMLButtonElement).disabled).toBe(true);
    await fireEvent.click(at("import-check") as HTMLElement);
    expect(core.payloadsOf("check_import")).toEqual([]);
    await choose(4, "family");
    expect((at("import-check") as HTMLButtonElement).disabled).toBe(false);
  });
});

describe("the check", () => {
  it("says what would happen, row by row where something is the matter", async () => {
    aCore();
    open();
    await chooseAndCheck();
    expect(textAt("import-report-new")).toBe("New members 412");
    expect(textAt("import-report-twins")).toBe("Of these perhaps here already 7");
    expect(textAt("import-report-total")).toBe("Opening balances 125,400,000\u00a0₫".replace("\u00a0", " "));
    expect(textAt("import-report-agrees")).toBeUndefined();
    expect(
      screen.getByRole("row", { name: /^14 Lý Tú Quang Thắng Phone: The spreadsheet program rounded/ }),
    ).toBeTruthy();
    await waitFor(() => expect(document.activeElement?.id).toBe("import-report-heading"));
  });

  it.each([
    ["125400000", "The total agrees with the one you typed.", "Take them in"],
    ["125000000", /^The total differs from the one you typed\./, "Take them in all the same"],
  ])("compares the total with %s", async (typed, sentence, button) => {
    const core = aCore();
    open();
    await chooseFile();
    await waitFor(() => expect(at("import-expected")).not.toBeNull());
    await fireEvent.input(at("import-expected") as HTMLElement, { target: { value: typed } });
    await fireEvent.click(at("import-check") as HTMLElement);
    await screen.findByText(sentence);
    expect(at("import-take")?.textContent).toContain(button);
    expect(core.payloadsOf("check_import")).toEqual([
      {
        import_id: "import-1",
        map: { Tên: "full_name", SĐT: "phone", "Số dư": "opening_balance" },
        expect_total_minor: Number(typed),
      },
    ]);
  });

  it("counts while it goes on, and can be stopped", async () => {
    const core = aCore();
    let state: ImportState = anImport({ stage: "checking", done: 0, total: 1_666 });
    core.answers.check_import = () => state;
    core.answers.import_state = () => state;
    core.answers.cancel_import = () => {
      state = anImport({ stage: "cancelled" });
      return state;
    };
    open();
    await chooseFile();
    await screen.findByRole("table");
    await fireEvent.click(at("import-check") as HTMLElement);
    await screen.findByText("Checking: 0 of 1,666 rows");
    state = { ...state, done: 800 };
    core.tell("import");
    await screen.findByText("Checking: 800 of 1,666 rows");
    await fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    await screen.findByText("The check was stopped. Nothing was written.");
    expect((at("import-check") as HTMLButtonElement).disabled).toBe(false);
  });
});

describe("taking in", () => {
  it("is done once by a double Ctrl+Enter, and only after a check", async () => {
    const core = aCore();
    open();
    await chooseFile();
    await screen.findByRole("table");
    await takeIn();
    expect(core.payloadsOf("take_import")).toEqual([]);
    await fireEvent.click(at("import-check") as HTMLElement);
    await waitFor(() => expect(at("import-take")).not.toBeNull());
    await takeIn();
    await takeIn();
    await screen.findByRole("heading", { name: "It is done" });
    expect(core.payloadsOf("take_import")).toHaveLength(1);
    await waitFor(() => expect(document.activeElement?.id).toBe("import-report-heading"));
  });

  it("asks for another check when something was changed since", async () => {
    const core = aCore();
    open();
    await chooseAndCheck();
    await fireEvent.change(at("import-column-4") as HTMLElement, { target: { value: "label" } });
    await screen.findByText(/^Something changed since the check/);
    await takeIn();
    expect(core.payloadsOf("take_import")).toEqual([]);
    expect(at("import-take")).toBeNull();
  });

  it("goes on while somebody is elsewhere, and shows how far it is when they come back", async () => {
    const core = aCore();
    const running = anImport({ stage: "taking", done: 900, total: 1_666 });
    core.answers.take_import = () => running;
    const importing = new Import();
    const { unmount } = open(importing);
    await chooseAndCheck();
    core.answers.import_state = () => running;
    await takeIn();
    await screen.findByText("Taking in: 900 of 1,666 rows");
    unmount();
    core.answers.import_state = () => anImport({ stage: "taken", report: aReport({ batch: "batch-1" }) });
    open(importing);
    await screen.findByRole("heading", { name: "It is done" });
  });

  it("that is stopped says that what was in stays, and can be undone", async () => {
    const core = aCore();
    core.answers.take_import = () => anImport({ stage: "taking", done: 400, total: 1_666 });
    open();
    await chooseAndCheck();
    core.answers.import_state = () =>
      anImport({ stage: "cancelled", report: aReport({ batch: "batch-1", new: 400 }) });
    await takeIn();
    await screen.findByRole("heading", { name: "Stopped" });
    screen.getByText("What was in by then stays. It can be undone as a whole.");
    await waitFor(() => expect(at("import-undo")).not.toBeNull());
  });

  it("says what went wrong", async () => {
    const core = aCore();
    core.answers.take_import = () => {
      throw failure("disk_full", null);
    };
    open();
    await chooseAndCheck();
    await takeIn();
    await screen.findByText(/^The disk is full/);
  });
});

describe("undoing an import", () => {
  it("asks first, and then takes the whole back", async () => {
    const core = aCore();
    open();
    await chooseAndCheck();
    await takeIn();
    await fireEvent.click(await screen.findByRole("button", { name: "Undo this import…" }));
    await screen.findByText(/^1,616 members and 125,400,000.₫ of opening balances are taken back\.$/);
    await fireEvent.click(screen.getByRole("button", { name: "Keep it" }));
    expect(core.payloadsOf("undo_import")).toEqual([]);

    await fireEvent.click(at("import-undo") as HTMLElement);
    await fireEvent.click(await screen.findByRole("button", { name: "Undo it" }));
    await screen.findByRole("heading", { name: "It is undone" });
    expect(core.payloadsOf("undo_import")).toEqual([{ batch: "batch-1" }]);
    await waitFor(() => expect(at("import-undo")).toBeNull());
  });

  it("is there for earlier ones too", async () => {
    const core = aCore();
    core.answers.import_batches = () => ({
      batches: [
        aBatch({ file_name: "old.csv", opening_total: dong(0) }),
        aBatch({ batch: "batch-0", is_undone: true }),
      ],
    });
    open();
    await screen.findByRole("table", { name: "Earlier imports" });
    expect(screen.getAllByRole("button", { name: /^Undo the import/ })).toHaveLength(1);
    await fireEvent.click(screen.getByRole("button", { name: "Undo the import of old.csv" }));
    await screen.findByText("1,616 members are taken back.");
    await fireEvent.keyDown(document.body, { key: "Escape" });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});
