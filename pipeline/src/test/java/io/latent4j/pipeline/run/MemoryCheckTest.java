package io.latent4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.memory.MachineMemory;
import io.latent4j.pipeline.EmbeddedParts;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(EmbeddedParts.class)
class MemoryCheckTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path folder;

    private static GenerationRequest request(int side) {
        return new GenerationRequest("a circle")
                .withSize(side, side)
                .withSteps(1)
                .withSeed(1)
                .withScheduler("euler");
    }

    private MachineMemory machine(String available) throws IOException {
        Files.writeString(folder.resolve("meminfo"), "MemAvailable: " + available + " kB\nSwapFree: 1048576 kB\n");
        return MachineMemory.of(folder, folder, folder);
    }

    private static Stages stages(GenerationRequest request, Components parts) {
        return Stages.of(request, parts, Attachments.NONE);
    }

    @Test
    void refusesWhatCannotFitAndNothingElse(Components parts) throws IOException {
        Stages huge = stages(request(8192), parts);
        assertThatExceptionOfType(NotEnoughMemoryException.class)
                .isThrownBy(() -> MemoryCheck.check(huge, machine("2097152")))
                .withMessageMatching(
                        "8192 x 8192 pixels need [\\d,]+ MB of memory at least beside the model, and 3,072 MB"
                                + " are free; expected a smaller width and height, or weights that take less memory");
        assertThatCode(() -> MemoryCheck.check(huge, machine("200000000"))).doesNotThrowAnyException();
        assertThatCode(() -> MemoryCheck.check(stages(request(1024), parts), machine("2097152")))
                .doesNotThrowAnyException();
    }

    @Test
    void countsImagesAtATime(Components parts) throws IOException {
        GenerationRequest many = request(2048).withCount(40).withBatchSize(32);
        assertThatExceptionOfType(NotEnoughMemoryException.class)
                .isThrownBy(() -> MemoryCheck.check(stages(many, parts), machine("2097152")))
                .withMessageContaining("2048 x 2048 pixels, 32 at a time, need")
                .withMessageContaining("fewer images at a time");
    }

    @Test
    void asksTheContainerToo(Components parts) throws IOException {
        MachineMemory machine = machine("200000000");
        Files.writeString(folder.resolve("memory.max"), 3 * GIB + "\n");
        Files.writeString(folder.resolve("memory.current"), 2 * GIB + "\n");
        assertThatExceptionOfType(NotEnoughMemoryException.class)
                .isThrownBy(() -> MemoryCheck.check(stages(request(8192), parts), machine))
                .withMessageContaining("and 1,024 MB are free");
        Files.writeString(folder.resolve("memory.stat"), "anon 5\ninactive_file " + GIB + "\n");
        assertThatExceptionOfType(NotEnoughMemoryException.class)
                .isThrownBy(() -> MemoryCheck.check(stages(request(8192), parts), machine))
                .withMessageContaining("and 2,048 MB are free");
    }

    /** A run never takes less than what is asked for, so none is refused that would fit. */
    @Test
    void asksForNoMoreThanARunTakes(Components parts) {
        TextToImagePipeline pipeline = new TextToImagePipeline(parts);
        pipeline.generate(request(64));
        for (int side : new int[] {128, 256}) {
            Shape latents = parts.codec(request(side).tiling()).latentShape(1, side, side);
            Optional<Long> peak = MachineMemory.here().peak(() -> pipeline.generate(request(side)));
            peak.ifPresent(bytes -> assertThat(parts.denoiser().leastBytes(latents))
                    .as("%d pixels", side)
                    .isPositive()
                    .isLessThan(bytes));
        }
    }
}
