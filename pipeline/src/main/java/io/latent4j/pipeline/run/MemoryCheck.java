package io.latent4j.pipeline.run;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.memory.MachineMemory;
import java.util.Locale;
import java.util.stream.Stream;

/** Whether the machine has the memory that a request needs in any case, so that none is ended by the system halfway. */
public final class MemoryCheck {
    private static final double MIB = 1 << 20;

    private MemoryCheck() {}

    /**
     * Refuses a request that cannot fit; of those that pass, some may still need more than there is. GPUs are not asked.
     *
     * @throws NotEnoughMemoryException with what is needed, what there is, and what to change
     */
    public static void check(Stages stages, MachineMemory memory) {
        Stream.concat(Stream.of(stages.base()), Stream.concat(stages.refiner().stream(), stages.larger().stream()))
                .forEach(run -> check(run, memory));
    }

    private static void check(Run run, MachineMemory memory) {
        if (run.parts().manager().getDevice().isGpu()) {
            return;
        }
        int images = Math.min(
                run.request().batch().batchSize(), run.request().batch().count());
        Shape latents = run.codec().latentShape(images, run.width(), run.height());
        long needed = run.parts().denoiser().leastBytes(latents);
        long free = memory.free() + memory.swap();
        if (needed > free) {
            throw new NotEnoughMemoryException(String.format(
                    Locale.ROOT,
                    "%d x %d pixels%s need %,.0f MB of memory at least beside the model, and %,.0f MB are free; expected a"
                            + " smaller width and height%s, or weights that take less memory",
                    run.width(),
                    run.height(),
                    images > 1 ? ", " + images + " at a time," : "",
                    needed / MIB,
                    free / MIB,
                    images > 1 ? ", fewer images at a time" : ""));
        }
    }
}
