import { cleanup } from "@testing-library/svelte";
import { afterEach } from "vitest";

// Each test starts with an empty page: what one leaves behind is never found by the next.
afterEach(() => cleanup());
