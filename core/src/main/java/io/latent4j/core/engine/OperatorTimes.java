package io.latent4j.core.engine;

import ai.djl.pytorch.jni.JniUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where the time of some work goes, by libtorch's own profiler, which looks at one work at a time in a process and makes it
 * somewhat slower.
 *
 * @param seconds of the work as a whole, with the profiler on
 * @param byKind seconds of libtorch's operators, none of them counted twice; what is left of the whole are Java, the
 *     bindings and the interpreter of operators written as TorchScript
 */
public record OperatorTimes(double seconds, Map<Kind, Double> byKind) {
    private static final double MICROSECOND = 1e-6;
    private static final double NANOSECOND = 1e-9;
    private static final Pattern OPERATOR = Pattern.compile("^\\w+::\\w+$");

    /** Kinds of operators. One that another calls is of the caller's kind, unless it copies. */
    public enum Kind {
        CONVOLUTION("\\w*convolution\\w*|conv[123]d|conv_transpose[123]d"),
        LINEAR("linear|_linear\\w*|addmm\\w*|mm|matmul|addmv"),
        ATTENTION("\\w*scaled_dot_product\\w*|\\w*baddbmm\\w*|bmm|_?softmax|_safe_softmax"),
        NORMS("\\w*(group|layer|batch|rms)_norm\\w*|var_mean|var"),
        /** Also changes of layout and of type, and views, which take no time but that of their call. */
        COPIES("copy_|_copy_from|contiguous|clone|to|_to_copy|type_as|cat|stack|reshape|flatten|pad|constant_pad_nd"
                + "|upsample_\\w+|repeat_interleave|view|_?unsafe_view|_reshape_alias|transpose|permute|t"
                + "|expand|slice|select|chunk|split\\w*|narrow|squeeze|unsqueeze|as_strided|unflatten"
                + "|alias|detach|resize_|empty\\w*|new_empty\\w*|zeros|zero_|fill_|_to_dense|to_dense|to_mkldnn"
                + "|_reorder\\w*|mkldnn_reorder\\w*"),
        /** Whatever is none of the others. */
        ELEMENTWISE("\\w+");

        private final Pattern names;

        Kind(String names) {
            this.names = Pattern.compile(names);
        }

        /** The kind of the operator {@code name}, {@code aten::conv2d} for instance, when nothing else called it. */
        static Kind of(String name) {
            String bare = name.substring(name.indexOf("::") + 2);
            for (Kind kind : values()) {
                if (kind.names.matcher(bare).matches()) {
                    return kind;
                }
            }
            return ELEMENTWISE;
        }
    }

    /** An operator that is running, and the end of its time; {@code within} are the microseconds of those it has called. */
    private static final class Call {
        private final Kind kind;
        private final double start;
        private final double end;
        private double within;

        Call(Kind kind, double start, double end) {
            this.kind = kind;
            this.start = start;
            this.end = end;
        }
    }

    /** Does {@code work} once under the profiler. */
    public static OperatorTimes of(Runnable work) throws IOException {
        Path trace = Files.createTempFile("latent4j-profile", ".json");
        try {
            JniUtils.startProfile(false, false, false);
            double seconds;
            try {
                long start = System.nanoTime();
                work.run();
                seconds = (System.nanoTime() - start) * NANOSECOND;
            } finally {
                JniUtils.stopProfile(trace.toString());
            }
            try (Reader reader = Files.newBufferedReader(trace)) {
                return new OperatorTimes(seconds, byKind(reader));
            }
        } finally {
            Files.delete(trace);
        }
    }

    /** Seconds of the whole that no operator took. */
    public double rest() {
        return seconds - byKind.values().stream().mapToDouble(each -> each).sum();
    }

    /** Seconds of each kind in what the profiler has written: all threads together. */
    static Map<Kind, Double> byKind(Reader trace) {
        JsonElement read = JsonParser.parseReader(trace);
        JsonElement all = read.isJsonArray() ? read : read.getAsJsonObject().get("traceEvents");
        List<JsonObject> events = new ArrayList<>();
        for (JsonElement event : all.getAsJsonArray()) {
            JsonObject one = event.getAsJsonObject();
            if (one.has("dur")
                    && OPERATOR.matcher(one.get("name").getAsString()).matches()) {
                events.add(one);
            }
        }
        // a caller before what it calls, even if both start at once
        events.sort(Comparator.<JsonObject, String>comparing(
                        event -> event.get("tid").toString())
                .thenComparingDouble(event -> event.get("ts").getAsDouble())
                .thenComparingDouble(event -> -event.get("dur").getAsDouble()));
        Map<Kind, Double> seconds = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            seconds.put(kind, 0.0);
        }
        Deque<Call> running = new ArrayDeque<>();
        String thread = "";
        for (JsonObject event : events) {
            double start = event.get("ts").getAsDouble();
            String own = event.get("tid").toString();
            while (!running.isEmpty() && (!own.equals(thread) || running.peek().end <= start)) {
                count(running.pop(), seconds);
            }
            thread = own;
            Kind kind = Kind.of(event.get("name").getAsString());
            double duration = event.get("dur").getAsDouble();
            if (!running.isEmpty()) {
                running.peek().within += duration;
                kind = kind == Kind.COPIES ? kind : running.peek().kind;
            }
            running.push(new Call(kind, start, start + duration));
        }
        running.forEach(call -> count(call, seconds));
        return seconds;
    }

    private static void count(Call call, Map<Kind, Double> seconds) {
        seconds.merge(call.kind, (call.end - call.start - call.within) * MICROSECOND, Double::sum);
    }
}
