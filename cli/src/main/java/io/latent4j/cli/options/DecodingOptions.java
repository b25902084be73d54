package io.latent4j.cli.options;

import io.latent4j.pipeline.files.AutoencoderFiles;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.registry.ModelRegistry;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How latents become images. */
public final class DecodingOptions {
    private static final int LOW_MEMORY_TILE = 512;

    /** How images are decoded to save memory, where nothing else is said. */
    public static final Tiling LOW_MEMORY = Tiling.of(LOW_MEMORY_TILE);

    @Option(
            names = "--vae-tiling",
            paramLabel = "auto|off|PIXELS",
            description = "Decode in tiles of this side, which takes less memory: auto is above 2 million pixels, in"
                    + " tiles of 768 (default: auto, and 512 with --low-memory).")
    private Optional<String> tiling;

    @Option(
            names = "--preview",
            paramLabel = "VAE",
            arity = "0..1",
            parameterConsumer = PreviewArgument.class,
            description =
                    "Show each step, in a file NAME.preview.png beside the image, which is gone when that is done:"
                            + " its colours and shapes, or with a tiny autoencoder (taesd_decoder.safetensors) more of it.")
    private Optional<String> preview;

    /**
     * The tiling that the options ask for, if they do.
     *
     * @throws IllegalArgumentException if it is neither a mode nor a number
     */
    public Optional<Tiling> tiling(boolean lowMemory) {
        if (tiling.isEmpty() && !lowMemory) {
            return Optional.empty();
        }
        String mode = tiling.orElse(String.valueOf(LOW_MEMORY_TILE)).toLowerCase(Locale.ROOT);
        if (mode.equals("auto")) {
            return Optional.of(Tiling.AUTO);
        }
        if (mode.equals("off")) {
            return Optional.of(Tiling.NEVER);
        }
        if (!mode.matches("\\d{1,6}")) {
            throw new IllegalArgumentException("--vae-tiling is \"" + tiling.orElse("")
                    + "\"; expected auto, off, or the side of a tile in pixels");
        }
        return Optional.of(Tiling.of(Integer.parseInt(mode)));
    }

    /** Whether steps are to be shown. */
    public boolean previews() {
        return preview.isPresent();
    }

    /** What decodes the steps, if they are to be shown: {@link JobSpec#LINEAR} or the name of an autoencoder. */
    public Optional<String> preview() {
        return preview.map(name -> name.isEmpty() ? JobSpec.LINEAR : name);
    }

    /** Tells {@code registry} how the autoencoder that shows steps is found. */
    public void register(ModelRegistry registry, SourceOptions source, CommandSpec spec) {
        preview.filter(name -> !name.isEmpty())
                .ifPresent(name -> registry.addPreviews(name, model -> {
                    AutoencoderFiles files = source.find(spec, locator -> locator.autoencoder(name));
                    return model.previews(files);
                }));
    }
}
