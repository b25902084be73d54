package io.latent4j.core.weights;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.latent4j.core.weights.Pickled.Dict;
import io.latent4j.core.weights.Pickled.Instance;
import io.latent4j.core.weights.Pickled.Items;
import io.latent4j.core.weights.Pickled.Name;
import io.latent4j.core.weights.Pickled.Storage;
import io.latent4j.core.weights.Pickled.Tensor;
import io.latent4j.core.weights.Pickled.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The functions and classes that a pickle of weights may name, and what calling one means. Those that make tensors and
 * dictionaries are understood; some that training leaves in its checkpoints make an {@link Instance} that does nothing;
 * every other name is refused.
 */
final class PickledNames {

    static final String PARAMETER_DICT = "torch.nn.modules.container.ParameterDict";

    private static final String REBUILD_TENSOR = "torch._utils._rebuild_tensor";
    private static final String REBUILD_TENSOR_2 = "torch._utils._rebuild_tensor_v2";
    private static final String REBUILD_TENSOR_3 = "torch._utils._rebuild_tensor_v3";
    private static final String REBUILD_PARAMETER = "torch._utils._rebuild_parameter";
    private static final String REBUILD_PARAMETER_WITH_STATE = "torch._utils._rebuild_parameter_with_state";
    private static final String REBUILD_FROM_TYPE = "torch._tensor._rebuild_from_type_v2";
    private static final String ORDERED_DICT = "collections.OrderedDict";

    private static final ImmutableSet<String> UNDERSTOOD = ImmutableSet.of(
            REBUILD_TENSOR,
            REBUILD_TENSOR_2,
            REBUILD_TENSOR_3,
            REBUILD_PARAMETER,
            REBUILD_PARAMETER_WITH_STATE,
            REBUILD_FROM_TYPE,
            ORDERED_DICT);

    private static final ImmutableMap<String, StoredType> STORAGES = ImmutableMap.<String, StoredType>builder()
            .put("DoubleStorage", StoredType.F64)
            .put("FloatStorage", StoredType.F32)
            .put("HalfStorage", StoredType.F16)
            .put("BFloat16Storage", StoredType.BF16)
            .put("LongStorage", StoredType.I64)
            .put("IntStorage", StoredType.I32)
            .put("ShortStorage", StoredType.I16)
            .put("CharStorage", StoredType.I8)
            .put("ByteStorage", StoredType.U8)
            .put("BoolStorage", StoredType.BOOL)
            .buildOrThrow();

    private static final ImmutableMap<String, StoredType> TYPES = ImmutableMap.<String, StoredType>builder()
            .put("torch.float64", StoredType.F64)
            .put("torch.float32", StoredType.F32)
            .put("torch.float16", StoredType.F16)
            .put("torch.bfloat16", StoredType.BF16)
            .put("torch.float8_e4m3fn", StoredType.F8_E4M3)
            .put("torch.float8_e5m2", StoredType.F8_E5M2)
            .put("torch.int64", StoredType.I64)
            .put("torch.int32", StoredType.I32)
            .put("torch.int16", StoredType.I16)
            .put("torch.int8", StoredType.I8)
            .put("torch.uint8", StoredType.U8)
            .put("torch.bool", StoredType.BOOL)
            .buildOrThrow();

    /** Types of tensors that cannot be read here: complex, quantized, unsigned and other float8 ones. */
    private static final Pattern OTHER_TYPES = Pattern.compile(
            "torch\\.(cuda\\.)?((complex|uint|float8_|float4_|quint|qint|bits)\\w+|(Complex|Q|Float8|UInt)\\w*Storage)");

    private static final String UNTYPED_STORAGE = "torch.storage.UntypedStorage";

    /** What trainers leave beside weights; their objects are not needed. */
    private static final ImmutableSet<String> INERT = ImmutableSet.of(
            PARAMETER_DICT,
            "torch.Size",
            "torch.device",
            "torch.Tensor",
            "torch.nn.parameter.Parameter",
            "collections.defaultdict",
            "collections.Counter",
            "builtins.dict",
            "builtins.list",
            "builtins.set",
            "builtins.frozenset",
            "builtins.tuple",
            "builtins.int",
            "builtins.float",
            "builtins.bool",
            "builtins.str",
            "builtins.bytes",
            "builtins.bytearray",
            "builtins.complex",
            "builtins.slice",
            "builtins.object",
            "copyreg._reconstructor",
            "_codecs.encode",
            "argparse.Namespace",
            "types.SimpleNamespace",
            "typing.Any",
            "pathlib.Path",
            "pathlib.PosixPath",
            "pathlib.WindowsPath",
            "pathlib.PurePosixPath",
            "datetime.datetime",
            "datetime.date",
            "datetime.timedelta",
            "numpy.dtype",
            "numpy.ndarray",
            "numpy.core.multiarray.scalar",
            "numpy.core.multiarray._reconstruct",
            "numpy._core.multiarray.scalar",
            "numpy._core.multiarray._reconstruct");

    private static final int LONGEST = 500; // a pattern's groups take stack for each part of a name

    private static final Pattern INERT_PACKAGES = Pattern.compile("(pytorch_lightning|lightning|omegaconf)(\\.\\w+)+");

    private PickledNames() {}

    /** The name of a global that a pickle may mention; nothing for one to refuse. */
    static Optional<Name> named(String module, String name) {
        String today = switch (module) { // as Python 3 renames those of Python 2
            case "__builtin__" -> "builtins." + name;
            case "copy_reg" -> "copyreg." + name;
            default -> module + "." + name;
        };
        boolean known = UNDERSTOOD.contains(today)
                || TYPES.containsKey(today)
                || today.equals(UNTYPED_STORAGE)
                || storage(today).isPresent()
                || INERT.contains(today)
                || (today.length() <= LONGEST && INERT_PACKAGES.matcher(today).matches());
        return known ? Optional.of(new Name(today)) : Optional.empty();
    }

    /** Whether the name is that of a type of tensors that cannot be read. */
    static boolean isOtherType(String module, String name) {
        String whole = module + "." + name;
        return OTHER_TYPES.matcher(whole).matches() && !TYPES.containsKey(whole);
    }

    /** A storage class, of the CPU or of the GPU on which the tensors were when they were saved. */
    private static Optional<StoredType> storage(String name) {
        for (String module : List.of("torch.cuda.", "torch.")) {
            if (name.startsWith(module)) {
                return Optional.ofNullable(STORAGES.get(name.substring(module.length())));
            }
        }
        return Optional.empty();
    }

    /**
     * The storage that a persistent id stands for: {@code ('storage', class, key, location, elements)}.
     *
     * @throws ClassCastException or {@link IndexOutOfBoundsException} if the id is another one
     */
    static Storage storage(Tuple id) {
        if (!id.items().get(0).equals("storage")) {
            throw new ClassCastException("no storage");
        }
        String type = ((Name) id.items().get(1)).name();
        Optional<StoredType> stored = storage(type);
        if (stored.isEmpty() && !type.equals(UNTYPED_STORAGE)) {
            throw new ClassCastException("no storage class");
        }
        return new Storage(stored, (String) id.items().get(2), (Long) id.items().get(4));
    }

    /**
     * What a function answers.
     *
     * @throws ClassCastException or {@link IndexOutOfBoundsException} if the arguments are not its own
     */
    static Object call(Name function, Arguments arguments) {
        return switch (function.name()) {
            case REBUILD_TENSOR, REBUILD_TENSOR_2 -> {
                Storage storage = arguments.get(0, Storage.class);
                yield tensor(storage.type().orElseThrow(() -> new ClassCastException("untyped")), storage, arguments);
            }
            case REBUILD_TENSOR_3 ->
                tensor(dataType(arguments.get(6, Name.class)), arguments.get(0, Storage.class), arguments);
            case REBUILD_PARAMETER, REBUILD_PARAMETER_WITH_STATE -> arguments.get(0, Tensor.class);
            case REBUILD_FROM_TYPE -> rebuilt(arguments.get(0, Name.class), arguments.get(2, Tuple.class));
            case ORDERED_DICT -> orderedDict(arguments);
            case "copyreg._reconstructor" ->
                new Instance(arguments.get(0, Name.class).name());
            default -> new Instance(function.name());
        };
    }

    /** A tensor of a class of its own is one of PyTorch's beneath; it is never made of another of its kind. */
    private static Object rebuilt(Name function, Tuple arguments) {
        if (function.name().equals(REBUILD_FROM_TYPE)) {
            throw new ClassCastException("nested");
        }
        return call(function, new Arguments(arguments));
    }

    private static Tensor tensor(StoredType type, Storage storage, Arguments arguments) {
        return new Tensor(
                type,
                storage,
                arguments.get(1, Long.class),
                arguments.get(2, Tuple.class).items(),
                arguments.get(3, Tuple.class).items());
    }

    private static StoredType dataType(Name name) {
        return Optional.ofNullable(TYPES.get(name.name())).orElseThrow(() -> new ClassCastException("no data type"));
    }

    private static Dict orderedDict(Arguments arguments) {
        Dict dict = new Dict();
        if (arguments.count() > 0) {
            for (Object pair : arguments.get(0, Items.class).items()) {
                List<Object> keyAndValue = pair instanceof Items items ? items.items() : ((Tuple) pair).items();
                dict.put(keyAndValue.get(0), keyAndValue.get(1));
            }
        }
        return dict;
    }

    /** A call's arguments, each of the class that is asked for or a {@link ClassCastException}. */
    record Arguments(Tuple tuple) {

        <T> T get(int index, Class<T> type) {
            return type.cast(tuple.items().get(index));
        }

        int count() {
            return tuple.items().size();
        }
    }
}
