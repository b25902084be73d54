package io.latent4j.training.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.files.Draft;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a run saves all it needs to go on: a folder a checkpoint, {@code step-00000500} and so on, written beside and
 * then moved, so that one that is there is whole; on disk by then, so that a power cut does not change that.
 *
 * @param keep how many to keep, the newest
 */
public record Checkpoints(Path folder, int keep) {
    private static final Pattern NAME = Pattern.compile("step-(\\d{8})");
    private static final String STATE = "state.json";
    private static final int MOST_SHOWN = 3; // of arrays that are wrong

    public Checkpoints {
        if (keep < 1) {
            throw new IllegalArgumentException("keep is " + keep + "; expected 1 checkpoint or more");
        }
    }

    /** Where a run in {@code run} has them. */
    static Path folder(Path run) {
        return run.resolve("checkpoints");
    }

    /** Whether a run in {@code run} has one to go on from. */
    public static boolean areIn(Path run) throws IOException {
        return new Checkpoints(folder(run), 1).newest().isPresent();
    }

    /**
     * Saves.
     *
     * @param arrays by the name of their file, then by their own
     * @throws IOException if a file cannot be written; checkpoints that were there stay as they are
     */
    Path save(long step, Map<String, Map<String, NDArray>> arrays, JsonObject state) throws IOException {
        Path target = folder.resolve("step-%08d".formatted(step));
        Path draft = folder.resolve("." + target.getFileName() + ".draft");
        remove(draft);
        Files.createDirectories(draft);
        try {
            state.addProperty("step", step);
            Draft.fill(draft, target, path -> {
                for (Map.Entry<String, Map<String, NDArray>> file : arrays.entrySet()) {
                    SafeTensors.write(path.resolve(file.getKey() + ".safetensors"), file.getValue(), Map.of());
                }
                Files.writeString(path.resolve(STATE), state.toString());
                Synced.tree(path);
            });
            remove(target);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            Synced.entries(folder);
        } catch (IOException e) {
            throw new IOException(
                    target + ": the checkpoint could not be written (" + e.getMessage()
                            + "); older ones are whole, and the same command goes on from there",
                    e);
        } finally {
            remove(draft);
        }
        List<Path> all = all();
        for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
            remove(old);
        }
        return target;
    }

    /** The newest checkpoint, if there is one. */
    public Optional<Path> newest() throws IOException {
        List<Path> all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** The step of checkpoint {@code path}. */
    static long step(Path path) {
        Matcher matcher = NAME.matcher(path.getFileName().toString());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(path + " is no checkpoint; expected a folder named like step-00000500");
        }
        return Long.parseLong(matcher.group(1));
    }

    /**
     * What {@link #save} was given as the state.
     *
     * @throws IOException if it cannot be read or is damaged
     */
    static SavedState state(Path checkpoint) throws IOException {
        try {
            return Config.read(checkpoint.resolve(STATE)).collect(SavedState::read);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    e.getMessage() + "; remove the folder " + checkpoint + " to go on from an older checkpoint", e);
        }
    }

    /**
     * Reads what was saved into arrays of the same names and shapes.
     *
     * @throws IOException if a file is missing or damaged, or has other arrays; some of {@code arrays} may have changed
     */
    static void restore(Path checkpoint, Map<String, Map<String, NDArray>> arrays) throws IOException {
        for (Map.Entry<String, Map<String, NDArray>> file : arrays.entrySet()) {
            try (SafeTensors saved = SafeTensors.open(checkpoint.resolve(file.getKey() + ".safetensors"))) {
                check(saved, file.getKey(), file.getValue());
                for (Map.Entry<String, NDArray> array : file.getValue().entrySet()) {
                    restore(saved, array.getKey(), array.getValue());
                }
            }
        }
    }

    private static void restore(SafeTensors saved, String name, NDArray into) throws IOException {
        try (NDManager manager = into.getManager().newSubManager()) {
            ParameterOps.copy(List.of(into), List.of(saved.read(name, manager)));
        }
    }

    private static void check(SafeTensors saved, String what, Map<String, NDArray> arrays) throws IOException {
        Map<String, String> problems = new LinkedHashMap<>();
        arrays.forEach((name, array) -> {
            TensorInfo info = saved.tensors().get(name);
            if (info == null) {
                problems.put(name, "missing");
            } else if (!info.shape().equals(array.getShape())) {
                problems.put(name, info.shape() + ", expected " + array.getShape());
            }
        });
        if (!problems.isEmpty()) {
            boolean optimizer = what.equals("optimizer");
            String shown = problems.entrySet().stream()
                    .limit(MOST_SHOWN)
                    .map(Map.Entry::toString)
                    .collect(Collectors.joining(", "));
            int more = problems.size() - MOST_SHOWN;
            throw new OtherCheckpointException(
                    saved.path() + " is of another " + (optimizer ? "optimizer" : "model") + ": " + shown
                            + (more > 0 ? " and " + more + " more" : "") + "; go on with "
                            + (optimizer ? "training.optimizer as it was" : "the configuration the run began with")
                            + ", or begin anew in another output folder");
        }
    }

    private List<Path> all() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> found = new ArrayList<>(
                    entries.filter(p -> NAME.matcher(p.getFileName().toString()).matches())
                            .toList());
            found.sort(Comparator.comparing(Path::getFileName));
            return found;
        }
    }

    private static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }
}
