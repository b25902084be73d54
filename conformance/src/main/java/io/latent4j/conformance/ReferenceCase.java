package io.latent4j.conformance;

import java.io.IOException;

/** One case of a {@link ReferenceFolder}, which must be open while this runs. */
public final class ReferenceCase {
    private final String name;
    private final String kind;
    private final Workbench bench;
    private final Replay replay;

    ReferenceCase(String name, String kind, Workbench bench, Replay replay) {
        this.name = name;
        this.kind = kind;
        this.bench = bench;
        this.replay = replay;
    }

    /** Its identifier in the folder. */
    public String name() {
        return name;
    }

    /** What it exercises, {@code unet} for instance. */
    public String kind() {
        return kind;
    }

    /** Runs and compares it. Cases of one folder run one at a time. */
    public Outcome run() {
        Comparison comparison = new Comparison();
        try {
            replay.run(bench, comparison);
            return comparison.outcome(name, kind);
        } catch (NotCovered e) {
            return Outcome.without(name, kind, Status.NOT_COVERED, e.getMessage());
        } catch (IOException | RuntimeException e) {
            return Outcome.without(name, kind, Status.FAIL, e.toString());
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
