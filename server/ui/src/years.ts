// The year that a thing's page is looked at in: what held or happened then, for certain or possibly, and what did not.
// Bounds and rules are the server's (server/entity/periods.py); what has no date is left as it is.

const place = document.getElementById("years");
const slider = place?.querySelector<HTMLInputElement>("#year");
const told = place?.querySelector<HTMLOutputElement>("output");
const all = place?.querySelector<HTMLButtonElement>("button");
const facts = [...document.querySelectorAll<HTMLElement>("dd[data-first]")];
if (place && slider && told && all && facts.length) begin(place, slider, told, all);

type Sureness = "certain" | "possible" | "other";

function sureness(fact: HTMLElement, year: string): Sureness {
  const [begin, end] = [`${year}-01-01T00:00:00Z`, `${year}-12-31T23:59:59Z`];
  const { first = "", last = "", from = "", to = "" } = fact.dataset;
  if (first > end || last < begin) return "other";
  const within = first >= begin && last <= end;
  const held = from <= end && to >= begin;
  return "exact" in fact.dataset && (within || held) ? "certain" : "possible";
}

function begin(place: HTMLElement, slider: HTMLInputElement, told: HTMLOutputElement, all: HTMLButtonElement): void {
  place.hidden = false;

  function mark(fact: HTMLElement, word: string): void {
    fact.querySelector(".then")?.remove();
    if (!word) return;
    const element = document.createElement("span");
    element.className = "then";
    element.textContent = word;
    fact.append(" ", element);
  }

  function show(): void {
    const year = slider.value.padStart(4, "0");
    const counts = { certain: 0, possible: 0, other: 0 };
    for (const fact of facts) {
      const sure = sureness(fact, year);
      counts[sure] += 1;
      fact.classList.toggle("then-not", sure === "other");
      mark(fact, sure === "certain" ? "" : (place.dataset[sure] ?? ""));
    }
    const values: Record<string, string | number> = { year: slider.value, ...counts };
    const words = place.dataset["told"] ?? "";
    told.textContent = words.replace(/%\((\w+)\)s/g, (_, name: string) => String(values[name] ?? ""));
    all.hidden = false;
  }

  function showAll(): void {
    for (const fact of facts) {
      fact.classList.remove("then-not");
      mark(fact, "");
    }
    told.textContent = "";
    all.hidden = true;
    slider.focus();
  }

  slider.addEventListener("input", show);
  all.addEventListener("click", showAll);
}
