package io.latent4j.core.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The weights of one model, open for reading: the tensors of a single file, safetensors or a PyTorch archive, or of all
 * shards an index names.
 *
 * <p>Reads have the same promises as {@link SafeTensors}: copies in engine memory, any number of threads at once.
 */
public final class Checkpoint implements AutoCloseable {

    private static final String FP16 = "fp16";
    private static final Pattern VARIANT = Pattern.compile("[\\w-]+");
    private static final String SAFETENSORS = ".safetensors";
    private static final String ARCHIVE = ".bin";

    private final Path location;
    private final ImmutableList<TensorFile> shards;
    private final ImmutableMap<String, TensorFile> owners;
    private final ImmutableMap<String, TensorInfo> tensors;
    private final ImmutableMap<String, String> metadata;

    /** Takes over the shards, no two of which have a tensor of the same name. */
    private Checkpoint(Path location, List<TensorFile> shards) {
        ImmutableMap.Builder<String, TensorFile> owners = ImmutableMap.builder();
        ImmutableMap.Builder<String, TensorInfo> tensors = ImmutableMap.builder();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (TensorFile shard : shards) {
            shard.tensors().keySet().forEach(name -> owners.put(name, shard));
            tensors.putAll(shard.tensors());
            shard.metadata().forEach(metadata::putIfAbsent);
        }
        this.location = location;
        this.shards = ImmutableList.copyOf(shards);
        this.owners = owners.buildOrThrow();
        this.tensors = tensors.buildOrThrow();
        this.metadata = ImmutableMap.copyOf(metadata);
    }

    private Checkpoint(Checkpoint whole, Map<String, View> views) {
        this.location = whole.location;
        this.shards = whole.shards;
        this.metadata = whole.metadata;
        this.owners = ImmutableMap.copyOf(Maps.transformValues(views, view -> whole.owner(view.source())));
        this.tensors = ImmutableMap.copyOf(
                Maps.transformValues(views, view -> view.cut().apply(whole.tensors.get(view.source()))));
    }

    /**
     * A tensor as another one: of what it is made, and how.
     *
     * @param source the tensor's name here
     * @param cut answers a view of it, by {@link TensorInfo}'s methods
     */
    public record View(String source, UnaryOperator<TensorInfo> cut) {}

    /**
     * These weights under other names and in other shapes, without a copy: what is read comes from the same files. Closing
     * either closes both.
     *
     * @throws IllegalArgumentException if a view is of a tensor that is not here
     */
    public Checkpoint view(Map<String, View> views) {
        return new Checkpoint(this, views);
    }

    private Checkpoint(Checkpoint first, Checkpoint second) {
        this.location = first.location;
        this.shards = ImmutableList.<TensorFile>builder()
                .addAll(first.shards)
                .addAll(second.shards)
                .build();
        this.metadata = ImmutableMap.<String, String>builder()
                .putAll(second.metadata)
                .putAll(first.metadata)
                .buildKeepingLast();
        this.owners = ImmutableMap.<String, TensorFile>builder()
                .putAll(first.owners)
                .putAll(second.owners)
                .buildOrThrow();
        this.tensors = ImmutableMap.<String, TensorInfo>builder()
                .putAll(first.tensors)
                .putAll(second.tensors)
                .buildOrThrow();
    }

    /**
     * These weights and those of {@code other} as one; closing it closes both.
     *
     * @throws IllegalArgumentException if both have a tensor of the same name
     */
    public Checkpoint and(Checkpoint other) {
        return new Checkpoint(this, other);
    }

    /**
     * Opens a model's weights in a folder; the caller closes them. Taken is the first that exists of
     *
     * <ol>
     *   <li>{@code <stem>.safetensors}
     *   <li>{@code <stem>.safetensors.index.json} and its shards
     *   <li>the same of the variant {@code fp16}: see {@link #open(Path, String, String)}
     *   <li>{@code <stem>.bin}, a PyTorch archive, {@code <stem>.bin.index.json}, and their variant {@code fp16}
     * </ol>
     *
     * @param stem {@code diffusion_pytorch_model} for a UNet or VAE, {@code model} for a text encoder, whose archives have
     *     the stem {@code pytorch_model}
     * @throws IOException if there is none, naming what was looked for and what is there; or if one is damaged
     */
    public static Checkpoint open(Path folder, String stem) throws IOException {
        List<String> names = new ArrayList<>(plainNames(stem, SAFETENSORS));
        names.addAll(variantNames(stem, FP16, SAFETENSORS));
        names.addAll(plainNames(archiveStem(stem), ARCHIVE));
        names.addAll(variantNames(archiveStem(stem), FP16, ARCHIVE));
        return openFirst(folder, names);
    }

    /**
     * Opens one variant of a model's weights in a folder and no other; the caller closes them. Taken is the first that
     * exists of
     *
     * <ol>
     *   <li>{@code <stem>.<variant>.safetensors}
     *   <li>{@code <stem>.safetensors.index.<variant>.json} and its shards
     *   <li>{@code <stem>.<variant>.safetensors.index.json} and its shards
     *   <li>the same of PyTorch archives, {@code .bin}
     * </ol>
     *
     * @param variant such as {@code fp16}
     * @throws IOException if there is none, naming what was looked for and what is there; or if one is damaged
     */
    public static Checkpoint open(Path folder, String stem, String variant) throws IOException {
        checkArgument(VARIANT.matcher(variant).matches(), "the variant is \"%s\"; expected a word like fp16", variant);
        List<String> names = new ArrayList<>(variantNames(stem, variant, SAFETENSORS));
        names.addAll(variantNames(archiveStem(stem), variant, ARCHIVE));
        return openFirst(folder, names);
    }

    /**
     * Opens one file, whatever its name: safetensors, or a PyTorch archive ({@code .bin}, {@code .ckpt}, {@code .pt}), of
     * which no code is run; or, where the name ends with {@code .json}, the index of several files. The caller closes it.
     *
     * <p>An archive's tensors have the names of its dictionary, those of nested ones joined by dots
     * ({@code string_to_param.*}); of a trainer's checkpoint they are those under {@code state_dict}. Text and numbers
     * beside the tensors are {@link #metadata}. A class or function that tensors do not need is refused by name.
     */
    public static Checkpoint open(Path file) throws IOException {
        if (file.toString().endsWith(".json")) {
            return openShards(file);
        }
        return new Checkpoint(file, List.of(TensorFile.open(file)));
    }

    private static String archiveStem(String stem) {
        return stem.equals("model") ? "pytorch_model" : stem;
    }

    private static List<String> plainNames(String stem, String extension) {
        return List.of(stem + extension, stem + extension + ".index.json");
    }

    private static List<String> variantNames(String stem, String variant, String extension) {
        return List.of(
                stem + "." + variant + extension,
                stem + extension + ".index." + variant + ".json",
                stem + "." + variant + extension + ".index.json");
    }

    private static Checkpoint openFirst(Path folder, List<String> names) throws IOException {
        for (String name : names) {
            if (Files.isRegularFile(folder.resolve(name))) {
                return open(folder.resolve(name));
            }
        }
        throw new IOException(nothingToOpen(folder, names));
    }

    private static String nothingToOpen(Path folder, List<String> names) throws IOException {
        if (!Files.isDirectory(folder)) {
            return folder + ": is not a folder; expected one with the weights; check the path";
        }
        List<String> present;
        try (Stream<Path> files = Files.list(folder)) {
            present = files.map(file -> file.getFileName().toString()).sorted().toList();
        }
        return folder + ": has no weights; expected " + String.join(" or ", names) + "; found "
                + (present.isEmpty() ? "nothing" : Shown.names(present))
                + "; fetch the weights, or name the variant that is there";
    }

    private static Checkpoint openShards(Path index) throws IOException {
        ShardIndex listed = ShardIndex.read(index);
        Map<String, TensorFile> shards = new LinkedHashMap<>();
        try {
            List<String> missing = new ArrayList<>();
            for (String name : new TreeSet<>(listed.weightMap().values())) {
                Path file = index.resolveSibling(name);
                if (Files.isRegularFile(file)) {
                    shards.put(name, TensorFile.open(file));
                } else {
                    missing.add(name);
                }
            }
            checkAgree(index, listed, shards, missing);
            return new Checkpoint(index, List.copyOf(shards.values()));
        } catch (IOException | RuntimeException | Error e) {
            for (TensorFile shard : shards.values()) {
                shard.close();
            }
            throw e;
        }
    }

    /** Reports everything in which index and shards differ at once. */
    private static void checkAgree(Path index, ShardIndex listed, Map<String, TensorFile> shards, List<String> missing)
            throws IOException {
        List<String> absent = new ArrayList<>();
        listed.weightMap().forEach((tensor, shard) -> {
            if (shards.containsKey(shard) && !shards.get(shard).tensors().containsKey(tensor)) {
                absent.add(tensor + " (" + shard + ")");
            }
        });
        Map<String, String> seen = new LinkedHashMap<>();
        List<String> twice = new ArrayList<>();
        shards.forEach((shard, file) -> file.tensors().keySet().forEach(tensor -> {
            String other = seen.putIfAbsent(tensor, shard);
            if (other != null) {
                twice.add(tensor + " (" + other + ", " + shard + ")");
            }
        }));
        List<String> problems = new ArrayList<>();
        addProblem(problems, "missing shards: ", missing);
        addProblem(problems, "tensors not in the shard that should have them: ", absent);
        addProblem(problems, "tensors in two shards: ", twice);
        if (!problems.isEmpty()) {
            throw new IOException(index + ": does not agree with its shards: " + String.join("; ", problems)
                    + "; expected every tensor once, in the shard listed; fetch the index and its shards again");
        }
    }

    private static void addProblem(List<String> problems, String what, List<String> names) {
        if (!names.isEmpty()) {
            problems.add(what + Shown.names(names));
        }
    }

    /** The file that was opened: the file with the tensors, or the index. */
    public Path location() {
        return location;
    }

    /** The files with tensors, in the order of {@link #tensors()}. */
    public List<Path> files() {
        return shards.stream().map(TensorFile::path).toList();
    }

    /** The tensors of all shards by name, in file order, shard after shard; positions are those in their own file. */
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    /** The free text in the headers of all shards; the first shard's where two have the same key. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Reads one tensor in the data type that holds every stored value.
     *
     * @see SafeTensors#read(String, NDManager)
     */
    public NDArray read(String name, NDManager manager) throws IOException {
        return read(name, manager, tensor(name).type().dataType());
    }

    /**
     * Reads one tensor as a copy in {@code dataType} on the manager's device; the caller closes it.
     *
     * @see SafeTensors#read(String, NDManager, DataType)
     */
    public NDArray read(String name, NDManager manager, DataType dataType) throws IOException {
        TensorFile owner = owner(name);
        return owner.read(tensor(name), manager, dataType);
    }

    private TensorInfo tensor(String name) {
        owner(name);
        return tensors.get(name);
    }

    private TensorFile owner(String name) {
        TensorFile owner = owners.get(name);
        checkArgument(
                owner != null,
                "%s: has no tensor \"%s\"; expected one of those in it (%s); check the name",
                location,
                Shown.text(name),
                Counted.of(tensors.size(), "tensor"));
        return owner;
    }

    /**
     * Closes all files; arrays read from them stay. Closing again closes what is still open.
     *
     * @throws IllegalStateException if a tensor is being read; its file stays open then
     */
    @Override
    public void close() throws IOException {
        RuntimeException busy = null;
        for (TensorFile shard : shards) {
            try {
                shard.close();
            } catch (IllegalStateException e) {
                busy = e;
            }
        }
        if (busy != null) {
            throw busy;
        }
    }

    @Override
    public String toString() {
        return location + " (" + Counted.of(tensors.size(), "tensor") + " in " + Counted.of(shards.size(), "file")
                + ")";
    }
}
