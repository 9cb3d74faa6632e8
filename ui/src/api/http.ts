import type { Changed } from "./generated";
import type { Transport } from "./transport";

/** The test bridge: one POST per question, and a stream of events. */
export function httpTransport(): Transport {
  return { call: post, listen: listenToEvents };
}

async function post(name: string, payload: unknown): Promise<unknown> {
  const response = await fetch(`/rpc/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw answer;
  return answer;
}

function listenToEvents(heard: (changed: Changed) => void): () => void {
  const events = new EventSource("/events");
  events.onmessage = (message: MessageEvent<string>) => heard(JSON.parse(message.data) as Changed);
  return () => events.close();
}
