package io.latent4j.pipeline.files;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the model in a single file predicts, noise or velocity, which no weight shows. It is, in this order,
 *
 * <ol>
 *   <li>what the caller says;
 *   <li>what the file says: its metadata ({@code modelspec.prediction_type}, {@code modelspec.architecture}), or velocity if
 *       it has a tensor {@code v_pred} or {@code ztsnr};
 *   <li>what the settings say that are taken from another folder;
 *   <li>what its family's models predict: {@link SingleFileLayout#predictsVelocity}.
 * </ol>
 *
 * A tensor {@code ztsnr} says that a model that predicts velocity was trained on noise alone at the last timestep.
 *
 * @param type {@code epsilon} or {@code v_prediction}
 * @param toZeroSnr whether the model was trained on noise alone at the last timestep
 * @param isSaid whether the caller or the file says so
 * @param warnings what the caller, the file and the folder of settings disagree about
 */
public record Prediction(String type, boolean toZeroSnr, boolean isSaid, List<String> warnings) {
    /** The {@link #type} of a model that predicts noise. */
    public static final String EPSILON = "epsilon";

    /** The {@link #type} of a model that predicts velocity. */
    public static final String VELOCITY = "v_prediction";

    static final String VELOCITY_MARK = "v_pred";
    static final String ZERO_SNR = "ztsnr";

    private static final String TYPE = "prediction_type";
    private static final String RESCALE = "rescale_betas_zero_snr";
    private static final String SPACING = "timestep_spacing";
    private static final String SAMPLER = "_class_name";

    /** What a file says, and by what. */
    private record Mark(String type, String where) {}

    public Prediction {
        warnings = List.copyOf(warnings);
    }

    static Prediction of(
            FileOptions options, SingleFileLayout layout, FileTensors tensors, Map<String, String> metadata)
            throws IOException {
        Path file = tensors.path();
        List<String> warnings = new ArrayList<>();
        List<Mark> marks = marks(tensors, metadata);
        Optional<Mark> mark = marks.stream().findFirst();
        marks.stream()
                .filter(other -> !other.type().equals(marks.get(0).type()))
                .forEach(other -> warnings.add(file + ": " + marks.get(0).where() + " says that the model predicts "
                        + marks.get(0).type() + ", and " + other.where() + " says " + other.type()
                        + "; the former is taken"));
        String type = options.predictionType()
                .or(() -> mark.map(Mark::type))
                .orElseGet(() -> layout.predictsVelocity(tensors, metadata) ? VELOCITY : EPSILON);
        boolean isSaid = options.predictionType().isPresent() || mark.isPresent();
        if (options.predictionType().isPresent()) {
            mark.filter(found -> !found.type().equals(type))
                    .ifPresent(found -> warnings.add(file + ": is taken to predict " + type
                            + ", as it was told, although " + found.where() + " says " + found.type()));
        }
        boolean toZeroSnr = type.equals(VELOCITY) && tensors.has(ZERO_SNR);
        if (options.config().isPresent() && isSaid) {
            compare(file, options.config().get(), type, toZeroSnr).ifPresent(warnings::add);
        }
        return new Prediction(type, toZeroSnr, isSaid, warnings);
    }

    /** What the file says, the metadata first. */
    private static List<Mark> marks(FileTensors tensors, Map<String, String> metadata) {
        List<Mark> marks = new ArrayList<>();
        String said = metadata.getOrDefault("modelspec.prediction_type", "");
        if (said.equals("v") || said.equals(EPSILON)) {
            marks.add(new Mark(said.equals("v") ? VELOCITY : EPSILON, "its metadata modelspec.prediction_type"));
        }
        if (metadata.getOrDefault("modelspec.architecture", "").contains("768-v")) {
            marks.add(new Mark(VELOCITY, "its metadata modelspec.architecture"));
        }
        for (String tensor : List.of(VELOCITY_MARK, ZERO_SNR)) {
            if (tensors.has(tensor)) {
                marks.add(new Mark(VELOCITY, "its tensor " + tensor));
            }
        }
        return marks;
    }

    private static Optional<String> compare(Path file, Path folder, String type, boolean toZeroSnr) throws IOException {
        Path scheduler = folder.resolve("scheduler").resolve("scheduler_config.json");
        if (!Files.isRegularFile(scheduler)) {
            return Optional.empty(); // which is said when the settings are read
        }
        Config config = Config.read(scheduler);
        List<String> differences = new ArrayList<>();
        if (!config.text(TYPE, EPSILON).equals(type)) {
            differences.add(TYPE + " " + type + " (there: " + config.text(TYPE, EPSILON) + ")");
        }
        if (toZeroSnr && !config.flag(RESCALE, false)) {
            differences.add(RESCALE + " true (there: false)");
        }
        return differences.isEmpty()
                ? Optional.empty()
                : Optional.of(file + ": the settings of " + scheduler + " are taken with "
                        + String.join(" and ", differences) + ", as the file or its reader says");
    }

    /** A folder's settings of the scheduler, with what the caller or the file says. */
    JsonObject over(JsonObject scheduler) {
        JsonObject json = scheduler.deepCopy();
        if (isSaid) {
            json.addProperty(TYPE, type);
        }
        if (toZeroSnr) {
            json.addProperty(RESCALE, true);
            json.addProperty(SPACING, "trailing");
            if (json.has(SAMPLER) && json.get(SAMPLER).getAsString().equals("PNDMScheduler")) {
                json.addProperty(SAMPLER, "DDIMScheduler"); // a run that begins at noise alone
            }
        }
        return json;
    }
}
