package io.latent4j.cli.output;

import com.google.gson.JsonObject;
import io.latent4j.pipeline.GeneratedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Writes each image when it is finished, and prints its file's name or a JSON object on a line of its own. Warnings go to
 * standard error, and are JSON objects too where images are.
 */
public final class ImagesMade {
    private final CommandSpec spec;
    private final ImageFiles files;
    private final String model;
    private final boolean json;

    /**
     * Nothing is written yet.
     *
     * @param model what the model is called
     */
    public ImagesMade(CommandSpec spec, ImageFiles files, String model, boolean json) {
        this.spec = spec;
        this.files = files;
        this.model = model;
        this.json = json;
    }

    /**
     * Writes the image and prints where it is.
     *
     * @param index of the image in the run, from 0
     */
    public void add(GeneratedImage image, int index) throws IOException {
        Path file = files.write(index, image.seed(), image.image(), Map.of("parameters", image.parameters()));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonObject facts = new JsonObject();
            facts.addProperty("file", file.toString());
            facts.addProperty("seed", new BigInteger(Long.toUnsignedString(image.seed())));
            facts.addProperty("width", image.image().getWidth());
            facts.addProperty("height", image.image().getHeight());
            facts.addProperty("model", model);
            facts.addProperty("parameters", image.parameters());
            Facts.printJsonLine(facts, out);
        } else {
            out.println(file);
            out.flush();
        }
    }

    /** Prints a warning. */
    public void warn(String warning) {
        if (json) {
            JsonObject facts = new JsonObject();
            facts.addProperty("warning", warning);
            Facts.printJsonLine(facts, spec.commandLine().getOut());
        }
        PrintWriter err = spec.commandLine().getErr();
        err.println("warning: " + warning);
        err.flush();
    }
}
