package io.latent4j.cli.output;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.pipeline.GeneratedImage;
import io.latent4j.pipeline.Generation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** Writes the images of a run and tells of them: a line each as they are made, or one JSON object at the end. */
public final class ImagesMade {
    private final CommandSpec spec;
    private final ImageFiles files;
    private final boolean json;
    private final JsonArray images = new JsonArray();
    private final JsonArray warnings = new JsonArray();

    public ImagesMade(CommandSpec spec, ImageFiles files, boolean json) {
        this.spec = spec;
        this.files = files;
        this.json = json;
    }

    /** Writes a batch whose first image is the {@code first} of the run; its warnings count if that is 0. */
    public void add(Generation generation, int first) throws IOException {
        JsonArray batch = new JsonArray();
        for (GeneratedImage image : generation.results()) {
            Path file = files.write(
                    first + batch.size(), image.seed(), image.image(), Map.of("parameters", image.parameters()));
            JsonObject facts = new JsonObject();
            facts.addProperty("file", file.toString());
            facts.addProperty("seed", image.seed());
            facts.addProperty("width", image.image().getWidth());
            facts.addProperty("height", image.image().getHeight());
            facts.addProperty("parameters", image.parameters());
            batch.add(facts);
        }
        images.addAll(batch);
        if (first == 0) {
            warn(generation);
        }
        if (!json) {
            PrintWriter out = spec.commandLine().getOut();
            batch.forEach(each -> out.println(each.getAsJsonObject().get("file").getAsString()));
            out.flush();
        }
    }

    private void warn(Generation generation) {
        generation.warnings().forEach(this::warn);
    }

    /** Prints a warning, and keeps it for the JSON object. */
    public void warn(String warning) {
        warnings.add(warning);
        PrintWriter err = spec.commandLine().getErr();
        err.println("warning: " + warning);
        err.flush();
    }

    /** Ends the run. */
    public void end(String model) {
        if (json) {
            JsonObject facts = new JsonObject();
            facts.addProperty("model", model);
            facts.add("images", images);
            facts.add("warnings", warnings);
            Facts.printJson(facts, spec.commandLine().getOut());
        }
    }
}
