package io.latent4j.textencoder;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.JsonObject;
import io.latent4j.textencoder.TextTokenizer.Piece;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The tokenizers library, which adds, cuts and pads nothing here: what did not fit is known only outside of it. Safe for use
 * by many threads; calls run one after the other. Holds native memory until closed.
 */
public final class NativeTokenizer implements AutoCloseable {
    private static final Map<String, String> OPTIONS =
            Map.of("addSpecialTokens", "false", "truncation", "do_not_truncate", "padding", "do_not_pad");

    private final HuggingFaceTokenizer tokenizer;

    private NativeTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * A tokenizer of the library's own JSON, which must not hold what a file says of patterns and steps: the library ends the
     * process over some of it.
     *
     * @param folder for messages
     * @throws IOException if the library refuses the JSON
     * @throws IllegalStateException if the native library cannot be loaded
     */
    public static NativeTokenizer of(Path folder, JsonObject json) throws IOException {
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        try {
            return new NativeTokenizer(HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), OPTIONS));
        } catch (EngineException e) {
            throw new IllegalStateException(
                    "the tokenizers library did not load; where DJL tried to fetch its CUDA build, set RUST_FLAVOR=cpu",
                    e);
        } catch (RuntimeException e) {
            throw new IOException(folder + " does not hold a usable tokenizer: " + e.getMessage(), e);
        }
    }

    /** The tokens of a text without halves of surrogate pairs. */
    public List<Piece> pieces(String text) {
        Encoding encoding;
        synchronized (tokenizer) {
            encoding = tokenizer.encode(text);
        }
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < encoding.getIds().length; i++) {
            pieces.add(new Piece(List.of(encoding.getIds()[i]), encoding.getCharTokenSpans()[i].getStart()));
        }
        return pieces;
    }

    /** Frees the native memory. May be called twice. */
    @Override
    public void close() {
        synchronized (tokenizer) {
            tokenizer.close();
        }
    }
}
