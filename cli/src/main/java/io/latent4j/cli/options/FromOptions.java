package io.latent4j.cli.options;

import io.latent4j.core.image.PngFile;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.RecreatedJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** An image whose settings are those that other options change. */
public final class FromOptions {
    private static final String PARAMETERS = "parameters";

    @Option(
            names = "--from",
            paramLabel = "FILE.png",
            description = "Take prompts and settings from an image that this or another program made, as its"
                    + " `parameters` text says, and change what other options say.")
    private Optional<Path> from;

    /**
     * The image's job, if an image is given.
     *
     * @throws IOException if the file is not there, or is no PNG file
     * @throws IllegalArgumentException if the image does not say how it was made
     */
    public Optional<RecreatedJob> job() throws IOException {
        if (from.isEmpty()) {
            return Optional.empty();
        }
        String text = PngFile.readText(from.get()).get(PARAMETERS);
        if (text == null) {
            throw new IllegalArgumentException(from.get() + ": has no text \"" + PARAMETERS
                    + "\" that says how it was made; expected an image as it came from the program that made it");
        }
        return Optional.of(JobSpec.of(text));
    }

    /** What there is to say of a job that was taken from an image, if no image beside it is given. */
    public List<String> warnings(RecreatedJob job, boolean imagesGiven) {
        List<String> warnings = new ArrayList<>(job.warnings());
        if (!job.missing().isEmpty() && !imagesGiven) {
            warnings.add(from.orElseThrow() + " was made with the help of " + String.join(", ", job.missing())
                    + ", not in its text; expected --image, --mask or --controlnet for the same result");
        }
        return warnings;
    }
}
