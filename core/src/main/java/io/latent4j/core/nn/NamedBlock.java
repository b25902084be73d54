package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.BlockList;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import com.google.common.collect.Maps;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A DJL block whose dotted parameter names are exactly the checkpoint's keys.
 *
 * <p>Children and parameters are declared in the constructor, with their shapes; the name of a child may hold dots
 * ({@code "resnets.0"}), so no block exists just to produce a key. Building and naming a tree needs no engine. Arrays
 * come with {@link #load} or {@link #initialize}; whoever owns the manager they came from closes them.
 */
public abstract class NamedBlock extends AbstractBaseBlock {
    private final List<Child> children = new ArrayList<>();
    private final Map<String, Slot> slots = new LinkedHashMap<>();

    private record Slot(Parameter parameter, Shape shape, Optional<Weight> weight) {

        void take(NDArray array) {
            parameter.setArray(array);
            weight.ifPresent(Weight::plain);
        }

        void load(Precision precision, Function<DataType, NDArray> reader) {
            if (weight.isPresent()) {
                weight.get().load(precision, reader);
            } else {
                parameter.setArray(reader.apply(precision.compute()));
            }
        }

        void unload() {
            weight.ifPresent(Weight::unload);
            parameter.close();
            parameter.setShape(null); // or it would take no array again
        }

        long bytes(Precision precision) {
            int each = weight.isPresent()
                    ? precision.weights().bytes()
                    : precision.compute().getNumOfBytes();
            return shape.size() * each;
        }

        List<NDArray> arrays() {
            return weight.map(Weight::stored).orElseGet(() -> List.of(parameter.getArray()));
        }
    }

    /** Reads the tensor of a key in a data type. */
    @FunctionalInterface
    public interface Reader {

        /** The array, which stays with the manager that the reader made it on. */
        NDArray read(String key, DataType type);
    }

    private record Child(String name, NamedBlock block) {}

    /** Declares a child block and returns it. */
    protected final <B extends NamedBlock> B child(String name, B block) {
        if (children.stream().anyMatch(child -> child.name.equals(name))) {
            throw new IllegalArgumentException(getClass().getSimpleName() + " already has a child \"" + name + "\"");
        }
        children.add(new Child(name, block));
        return block;
    }

    /** Declares a child whose parameters and children are named as if they were this block's own, and returns it. */
    protected final <B extends NamedBlock> B inline(B block) {
        children.add(new Child("", block));
        return block;
    }

    /** Declares a parameter of this shape, which is in the type computed in, and returns it: a bias for instance. */
    protected final Parameter parameter(String name, Parameter.Type type, long... shape) {
        Parameter parameter = parameter(name, type);
        slots.put(name, new Slot(parameter, new Shape(shape), Optional.empty()));
        return parameter;
    }

    /** Declares a weight of this shape, which may be stored in another form than it is used in, and returns it. */
    protected final Weight weight(String name, long... shape) {
        Parameter parameter = parameter(name, Parameter.Type.WEIGHT);
        Weight weight = new Weight(parameter);
        slots.put(name, new Slot(parameter, new Shape(shape), Optional.of(weight)));
        return weight;
    }

    private static Parameter parameter(String name, Parameter.Type type) {
        return Parameter.builder()
                .setName(name)
                .setType(type)
                .optRequiresGrad(false)
                .build();
    }

    /** How many bytes of memory the parameters take in {@code precision}. Needs no arrays. */
    public final long bytes(Precision precision) {
        long[] bytes = {0};
        visitSlots((key, slot) -> bytes[0] += slot.bytes(precision));
        return bytes[0];
    }

    /** Visits this block and every block under it, parents first, with its dotted name; this block's own is empty. */
    public final void visit(BiConsumer<String, NamedBlock> visitor) {
        visit("", visitor);
    }

    private void visit(String path, BiConsumer<String, NamedBlock> visitor) {
        visitor.accept(path, this);
        children.forEach(child -> child.block.visit(join(path, child.name), visitor));
    }

    private void visitSlots(BiConsumer<String, Slot> visitor) {
        visit((path, block) -> block.slots.forEach((name, slot) -> visitor.accept(join(path, name), slot)));
    }

    private static String join(String path, String name) {
        return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
    }

    /** Every parameter's key and shape, in the order of declaration. Needs no engine and no arrays. */
    public final Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        visitSlots((key, slot) -> shapes.put(key, slot.shape));
        return shapes;
    }

    /** How many numbers the parameters hold. */
    public final long parameterCount() {
        return shapes().values().stream().mapToLong(Shape::size).sum();
    }

    /** What is in memory, in the order of declaration: every parameter's array, and those beside it where it has more. */
    public final List<NDArray> arrays() {
        List<NDArray> arrays = new ArrayList<>();
        visitSlots((key, slot) -> arrays.addAll(slot.arrays()));
        return arrays;
    }

    /**
     * Takes every parameter from {@code reader}, as it is and in the type to compute in, after checking that {@code found}
     * has just the keys and shapes of this tree.
     *
     * @param source what the weights are called in an error message, a file's name for instance
     * @param found the keys and shapes there are
     * @param reader answers the array of a key; it stays with the manager the reader made it on
     * @throws IllegalArgumentException naming the first missing, unexpected and wrongly shaped keys and how many there are;
     *     nothing was read then
     */
    public final void load(String source, Map<String, Shape> found, Function<String, NDArray> reader) {
        check(source, found);
        visitSlots((key, slot) -> slot.take(reader.apply(key)));
        inputShapes = new Shape[0];
    }

    /**
     * Takes every parameter from {@code reader}, one at a time and in the types of {@code precision}; otherwise as {@link
     * #load(String, Map, Function)}.
     *
     * @throws IllegalArgumentException naming the first missing, unexpected and wrongly shaped keys and how many there are;
     *     nothing was read then
     */
    public final void load(String source, Map<String, Shape> found, Precision precision, Reader reader) {
        check(source, found);
        visitSlots((key, slot) -> slot.load(precision, type -> reader.read(key, type)));
        inputShapes = new Shape[0];
    }

    private void check(String source, Map<String, Shape> found) {
        List<String> problems = problems(found);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    source + " does not fit " + getClass().getSimpleName() + " ("
                            + Counted.of(problems.size(), "key") + "): " + Shown.list(problems, "; ")
                            + ". The weights and the config.json beside them must be of the same model");
        }
    }

    /**
     * Takes every parameter from {@code checkpoint}, one at a time, straight to the device of {@code manager} and to the
     * types of {@code precision}. No {@link ai.djl.ndarray.NDScope} may be open: the weights would die with it.
     *
     * @param manager owns the weights from now on
     * @param names answers today's key of a stored one, or nothing for one to ignore; identity is {@code Optional::of}
     * @throws IllegalArgumentException naming the first missing, unexpected and wrongly shaped keys and how many there are;
     *     nothing was read then
     * @throws IOException if the file cannot be read
     */
    public final void load(
            Checkpoint checkpoint, NDManager manager, Precision precision, Function<String, Optional<String>> names)
            throws IOException {
        Map<String, String> stored = stored(checkpoint, names);
        try {
            load(checkpoint.toString(), found(checkpoint, stored), precision, (key, type) -> {
                try {
                    return read(checkpoint, stored.get(key), manager, type);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Checks that {@link #load} of {@code checkpoint} would succeed, and reads no weights.
     *
     * @throws IllegalArgumentException naming the first missing, unexpected and wrongly shaped keys and how many there are
     */
    public final void check(Checkpoint checkpoint, Function<String, Optional<String>> names) {
        check(checkpoint.toString(), found(checkpoint, stored(checkpoint, names)));
    }

    /** Frees every parameter's array; the block can be loaded again. Nothing may be running through it. */
    public final void unload() {
        visitSlots((key, slot) -> slot.unload());
    }

    /** The names of the tensors by today's. */
    private static Map<String, String> stored(Checkpoint checkpoint, Function<String, Optional<String>> names) {
        Map<String, String> stored = new LinkedHashMap<>();
        checkpoint.tensors().keySet().forEach(key -> names.apply(key).ifPresent(name -> stored.put(name, key)));
        return stored;
    }

    private static Map<String, Shape> found(Checkpoint checkpoint, Map<String, String> stored) {
        return Maps.transformValues(stored, key -> checkpoint.tensors().get(key).shape());
    }

    private static NDArray read(Checkpoint checkpoint, String key, NDManager manager, DataType dataType)
            throws IOException {
        if (dataType != DataType.BFLOAT16) {
            return checkpoint.read(key, manager, dataType);
        }
        try (NDArray wide = checkpoint.read(key, manager, DataType.FLOAT32)) { // see Ops.cast
            return Ops.cast(wide, DataType.BFLOAT16);
        }
    }

    private List<String> problems(Map<String, Shape> found) {
        TreeSet<String> unused = new TreeSet<>(found.keySet());
        List<String> problems = new ArrayList<>();
        visitSlots((key, slot) -> {
            Shape shape = found.get(key);
            if (shape == null) {
                problems.add("missing " + key + " " + slot.shape);
            } else if (!shape.equals(slot.shape)) {
                problems.add(key + " is " + shape + ", expected " + slot.shape);
            }
            unused.remove(key);
        });
        unused.forEach(key -> problems.add("unexpected " + key));
        return problems;
    }

    /** Fills every parameter by its initializer; the input shapes that DJL passes have no effect. */
    @Override
    public void initialize(NDManager manager, DataType dataType, Shape... inputs) {
        inputShapes = inputs;
        visitSlots((key, slot) -> {
            if (!slot.parameter.isInitialized()) {
                slot.parameter.setShape(slot.shape);
                slot.parameter.initialize(manager, dataType);
                slot.weight.ifPresent(Weight::plain);
            }
        });
    }

    @Override
    public BlockList getChildren() {
        BlockList list = new BlockList();
        children.forEach(child -> list.add(child.name, child.block));
        return list;
    }

    @Override
    public ParameterList getDirectParameters() {
        ParameterList list = new ParameterList();
        slots.forEach((name, slot) -> list.add(name, slot.parameter));
        return list;
    }

    @Override
    public ParameterList getParameters() {
        ParameterList list = new ParameterList();
        visitSlots((key, slot) -> list.add(key, slot.parameter));
        return list;
    }

    /** Not answered: parameter shapes are fixed when the block is built. */
    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        throw new UnsupportedOperationException(getClass().getSimpleName() + " has fixed shapes; call its own forward");
    }

    /** For DJL's own callers; blocks that can serve them override it. */
    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
        throw new UnsupportedOperationException(getClass().getSimpleName() + " is called through its own forward");
    }
}
