package io.latent4j.pipeline.model;

import io.latent4j.core.files.Draft;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The model that ships with latent4j in the artifact {@code latent4j-model-shapes}, unpacked to a folder of its own until
 * this is closed: weights are mapped from files, which an archive has not.
 */
public final class EmbeddedModel implements AutoCloseable {
    private static final String ROOT = "/latent4j/embedded-model/";

    private final String name;
    private final Draft draft;

    private EmbeddedModel(String name, Draft draft) {
        this.name = name;
        this.draft = draft;
    }

    /** Whether a model is on the class path. */
    public static boolean isPresent() {
        return EmbeddedModel.class.getResource(ROOT + "files.txt") != null;
    }

    /**
     * Unpacks the model, 12 MB, to the folder for temporary files. What killed processes left there is deleted.
     *
     * @throws IOException if there is no model on the class path, or no room
     */
    public static EmbeddedModel unpack() throws IOException {
        if (!isPresent()) {
            throw new IOException("no model is named and none is on the class path; name a folder, or add the artifact "
                    + "io.latent4j:latent4j-model-shapes");
        }
        List<String> lines = lines("files.txt"); // the name, then a file a line
        Draft draft = Draft.ofFolder(Path.of(System.getProperty("java.io.tmpdir"), "latent4j-model"));
        EmbeddedModel model = new EmbeddedModel(lines.get(0), draft);
        try {
            draft.fill(path -> {
                try {
                    lines.subList(1, lines.size()).parallelStream().forEach(file -> unpack(file, path.resolve(file)));
                } catch (UncheckedIOException e) {
                    throw new IOException(e.getCause().getMessage(), e);
                }
            });
            return model;
        } catch (IOException | RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    private static void unpack(String file, Path target) {
        try (InputStream in = resource(file)) {
            Files.createDirectories(target.getParent());
            Files.copy(in, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the model on the class path is called, if there is one. */
    public static Optional<String> title() {
        try {
            return isPresent() ? Optional.of(lines("files.txt").get(0)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(String file) throws IOException {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(resource(file), StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.isBlank()).toList();
        }
    }

    private static InputStream resource(String file) throws IOException {
        InputStream in = EmbeddedModel.class.getResourceAsStream(ROOT + file);
        if (in == null) {
            throw new IOException("the embedded model has no " + file + "; the jar is damaged");
        }
        return in;
    }

    /** What the model is called. */
    public String name() {
        return name;
    }

    /** The model in the layout of diffusers, until {@link #close}. */
    public Path folder() {
        return draft.path();
    }

    /** Deletes the folder. */
    @Override
    public void close() throws IOException {
        draft.close();
    }
}
