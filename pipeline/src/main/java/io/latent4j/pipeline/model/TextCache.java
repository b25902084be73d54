package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraUse;
import io.latent4j.textencoder.LearnedWords;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a model's text encoders made of the last texts, for requests that have the same ones. Any number of threads may use
 * it; each gets copies.
 *
 * <p>An encoding is found for the same text under the same settings, adapters and learned words as long as none of their
 * arrays were changed. A change of the encoders' own weights forgets all; those of offloaded encoders are in files, which
 * stay as they are.
 */
public final class TextCache {
    private final NDManager manager;
    private final Supplier<List<NDArray>> watched; // weights that are in memory and may change
    private final BooleanSupplier changed;
    private final long mostTokens;
    private final Map<Key, Conditioning> kept = new LinkedHashMap<>(16, 0.75f, true); // the longest unused first
    private List<NDArray> weights = List.of();
    private long version;

    /**
     * A cache of the encodings of encoders whose weights are in memory.
     *
     * @param weights today's
     * @param parent stands above the manager of what is kept, and closes it
     * @param mostTokens that are kept in all; 0 to keep nothing
     */
    public static TextCache of(Supplier<List<NDArray>> weights, NDManager parent, long mostTokens) {
        return new TextCache(weights, () -> false, parent, mostTokens);
    }

    /** {@link #of(Supplier, NDManager, long)} of these readers. */
    static TextCache of(List<TextReader> readers, NDManager parent, long mostTokens) {
        return of(
                () -> readers.stream()
                        .flatMap(reader -> reader.encoder().block().arrays().stream())
                        .toList(),
                parent,
                mostTokens);
    }

    /**
     * A cache of the encodings of encoders whose weights come from files, and go.
     *
     * @param changed whether they are in memory, and not as in the files
     */
    public static TextCache ofOffloaded(BooleanSupplier changed, NDManager parent, long mostTokens) {
        return new TextCache(List::of, changed, parent, mostTokens);
    }

    private TextCache(Supplier<List<NDArray>> watched, BooleanSupplier changed, NDManager parent, long mostTokens) {
        this.watched = watched;
        this.changed = changed;
        this.manager = parent.newSubManager();
        this.mostTokens = mostTokens;
    }

    /** All that an encoding depends on besides the encoders' weights. */
    public record Key(String text, TextOptions options, List<WordsKey> words, List<AdapterKey> adapters) {

        /** Of encoders without learned words. */
        public static Key of(String text, TextOptions options, List<LoraUse> adapters) {
            return of(text, options, List.of(), adapters);
        }

        static Key of(String text, TextOptions options, List<TextReader> readers, List<LoraUse> adapters) {
            return new Key(
                    text,
                    options,
                    readers.stream()
                            .map(reader ->
                                    new WordsKey(reader.words(), reader.words().version()))
                            .toList(),
                    adapters.stream().map(AdapterKey::of).toList());
        }
    }

    /** Learned words, as they were. */
    public record WordsKey(LearnedWords words, long version) {}

    /**
     * An adapter, as it was.
     *
     * @param blocks in their order, which matters
     */
    public record AdapterKey(Lora lora, long version, double strength, List<Map.Entry<String, Double>> blocks) {

        static AdapterKey of(LoraUse use) {
            return new AdapterKey(
                    use.lora(),
                    use.lora().textVersion(),
                    use.textStrength(),
                    List.copyOf(use.blocks().entrySet()));
        }
    }

    /**
     * The encoding of a text: one row.
     *
     * @param encode makes it, where it is not kept
     * @param into owns the result, unless a scope is open
     */
    public Conditioning get(Key key, NDManager into, Supplier<Conditioning> encode) {
        if (mostTokens == 0 || changed.getAsBoolean()) {
            return encode.get();
        }
        Optional<Conditioning> found = find(key, into);
        if (found.isPresent()) {
            return found.get();
        }
        Conditioning made = encode.get();
        keep(key, made);
        return made;
    }

    private synchronized Optional<Conditioning> find(Key key, NDManager into) {
        forgetOldWeights();
        return Optional.ofNullable(kept.get(key))
                .map(text -> text.mapped(array -> {
                    NDArray copy = array.duplicate();
                    copy.attach(into);
                    return copy;
                }));
    }

    private synchronized void keep(Key key, Conditioning text) {
        if (tokens(text) > mostTokens || kept.containsKey(key)) {
            return;
        }
        kept.put(key, text.mapped(array -> {
            NDArray copy = array.duplicate();
            NDScope.unregister(copy);
            copy.attach(manager);
            return copy;
        }));
        long tokens = kept.values().stream().mapToLong(TextCache::tokens).sum();
        for (Iterator<Conditioning> all = kept.values().iterator(); tokens > mostTokens; ) {
            Conditioning oldest = all.next();
            tokens -= tokens(oldest);
            close(oldest);
            all.remove();
        }
    }

    private static long tokens(Conditioning text) {
        return text.context().getShape().get(1);
    }

    private void forgetOldWeights() {
        List<NDArray> now = watched.get();
        long nowVersion = ParameterOps.version(now);
        if (version != nowVersion || !same(weights, now)) {
            kept.values().forEach(TextCache::close);
            kept.clear();
            weights = now;
            version = nowVersion;
        }
    }

    /** Whether they are the same arrays, whatever is in them. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean same(List<NDArray> some, List<NDArray> others) {
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < some.size(); i++) {
            if (some.get(i) != others.get(i)) {
                return false;
            }
        }
        return true;
    }

    private static void close(Conditioning text) {
        text.mapped(array -> {
            array.close();
            return array;
        });
    }

    /** How many encodings are kept. */
    synchronized int size() {
        return kept.size();
    }
}
