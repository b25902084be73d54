package io.latent4j.training.metrics;

import io.latent4j.core.image.PngFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The {@link LossPlot} of a run beside its figures, redrawn as they grow but never for long. */
public final class PlotFile {
    private static final long LEAST_NANOS = 10_000_000_000L;
    private static final int LEAST_PAUSE = 100; // as many times as long as drawing took

    private final Path file;
    private final Path metrics;
    private long next = System.nanoTime();

    /**
     * Draws nothing yet.
     *
     * @param metrics what {@link MetricsFile} writes
     */
    public PlotFile(Path file, Path metrics) {
        this.file = file;
        this.metrics = metrics;
    }

    /** Draws, unless it was drawn just now. */
    public void update() throws IOException {
        if (System.nanoTime() - next >= 0) {
            draw();
        }
    }

    /** Draws what there is; nothing while that is too little for a line. */
    public void draw() throws IOException {
        long begin = System.nanoTime();
        Optional<BufferedImage> plot = LossPlot.draw(MetricsFile.read(metrics));
        if (plot.isPresent()) {
            PngFile.write(file, plot.get(), Map.of());
        }
        long end = System.nanoTime();
        next = end + Math.max(LEAST_NANOS, LEAST_PAUSE * (end - begin));
    }
}
