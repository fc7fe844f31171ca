/** Runs what is due, in order, whenever somebody looks: between two looks nothing can be seen anyway. */
export class FakeClock {
  readonly #msPerMinute: number;
  readonly #tasks: Task[] = [];
  #origin: number;
  #realOrigin = performance.now();
  /** While tasks run: when the running one was due, so that what it stamps lies at its own time. */
  #running: number | null = null;

  /** @param msPerMinute real milliseconds of one minute; Infinity lets time pass by `advance` alone */
  constructor({ startAt, msPerMinute }: { startAt: Date; msPerMinute: number }) {
    this.#origin = startAt.getTime();
    this.#msPerMinute = msPerMinute;
  }

  /** The time in the fake's world, after everything that was due by then has happened. */
  now(): Date {
    this.settle();
    return new Date(this.#running ?? this.#reached());
  }

  /** Lets time jump. */
  advance(minutes: number): void {
    this.#origin += minutes * 60_000;
    this.settle();
  }

  /** @returns takes the task back */
  after(minutes: number, work: () => void): () => void {
    const due = (this.#running ?? this.#reached()) + minutes * 60_000;
    const task: Task = { due, work };
    const index = this.#tasks.findIndex((other) => other.due > due);
    this.#tasks.splice(index < 0 ? this.#tasks.length : index, 0, task);
    return () => {
      const place = this.#tasks.indexOf(task);
      if (place >= 0) this.#tasks.splice(place, 1);
    };
  }

  settle(): void {
    if (this.#running !== null) return;
    const until = this.#reached();
    try {
      while (this.#tasks.length > 0 && this.#tasks[0]!.due <= until) {
        const task = this.#tasks.shift()!;
        this.#running = task.due;
        task.work();
      }
    } finally {
      this.#running = null;
    }
  }

  /** Runs everything that is planned, however far away; for tests that care only about the end. */
  finish(limitMinutes = 24 * 60): void {
    const limit = this.#reached() + limitMinutes * 60_000;
    while (this.#tasks.length > 0 && this.#tasks[0]!.due <= limit) {
      this.advance(Math.max(0, (this.#tasks[0]!.due - this.#reached()) / 60_000) + 1e-6);
    }
  }

  #reached(): number {
    if (this.#msPerMinute === Infinity) return this.#origin;
    return this.#origin + ((performance.now() - this.#realOrigin) / this.#msPerMinute) * 60_000;
  }
}

interface Task {
  readonly due: number;
  readonly work: () => void;
}
