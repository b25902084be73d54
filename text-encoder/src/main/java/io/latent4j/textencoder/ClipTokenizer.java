package io.latent4j.textencoder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * CLIP's tokenizer: byte-pair encoding of lower-cased words, with the end of a word marked ({@code cat</w>}).
 *
 * <p>A text becomes {@code begin, tokens…, end, padding…}, always {@link #maxLength} ids. Where implementations of CLIP's
 * tokenizer disagree this one does what the tokenizers library ("fast" tokenizers) does:
 *
 * <ul>
 *   <li>text is normalised to NFC, runs of white space count as one space, and characters are lower-cased one by one (a
 *       final Σ becomes σ);
 *   <li>HTML entities stay as written, character by character;
 *   <li>control and zero-width characters are kept and have tokens, CJK characters are not spaced apart;
 *   <li>{@code <|startoftext|>} and {@code <|endoftext|>} in a text, in upper case too, are the special tokens
 *       themselves. A model that pools at the end token then pools at the first one.
 * </ul>
 *
 * <p>A character that is half of a surrogate pair is encoded as U+FFFD.
 *
 * <p>Safe for use by many threads; calls run one after the other. Holds native memory until closed.
 *
 * <p>Limitations: on Linux with a GPU, DJL fetches a CUDA build of the tokenizers library the first time, although its CPU
 * build is at hand and as good here. The system property {@code RUST_FLAVOR=cpu} or {@code ai.djl.offline=true} keeps it
 * from that.
 */
public final class ClipTokenizer implements TextTokenizer {
    private final NativeTokenizer tokenizer;
    private final TokenizerFiles files;

    private ClipTokenizer(NativeTokenizer tokenizer, TokenizerFiles files) {
        this.tokenizer = tokenizer;
        this.files = files;
    }

    /**
     * Reads the {@code tokenizer} folder of a diffusers model: {@code vocab.json} and {@code merges.txt}, or {@code
     * tokenizer.json} where those are not there.
     *
     * <p>Special tokens come from {@code special_tokens_map.json}, then {@code tokenizer_config.json}, then CLIP's own
     * ({@code <|startoftext|>}, {@code <|endoftext|>}, padding with the latter). The length comes from {@code
     * model_max_length} in {@code tokenizer_config.json}; it is CLIP's 77 where that is absent or, as some files have it,
     * astronomically large.
     *
     * <p>Tokens of {@code added_tokens.json} and {@code tokenizer_config.json} that the vocabulary lacks are added to it, and
     * found in a text before anything else is: textual inversion leaves such.
     *
     * @return a tokenizer that the caller closes
     * @throws IOException naming the file that is missing, malformed or inconsistent, and what is wrong with it
     * @throws IllegalStateException if the native library cannot be loaded
     */
    public static ClipTokenizer read(Path folder) throws IOException {
        return of(folder, TokenizerFiles.read(folder));
    }

    /**
     * {@link #read(Path)}, but texts are filled up with another token: models with OpenCLIP's text encoder, which share the
     * vocabulary, have "!".
     *
     * @throws IOException if {@code padding} is not in the vocabulary as well
     */
    public static ClipTokenizer read(Path folder, String padding) throws IOException {
        return of(folder, TokenizerFiles.read(folder, Optional.of(padding)));
    }

    private static ClipTokenizer of(Path folder, TokenizerFiles files) throws IOException {
        return new ClipTokenizer(NativeTokenizer.of(folder, files.tokenizerJson()), files);
    }

    /** Begin, {@code ids}, end, and padding up to the whole length. */
    @Override
    public List<Long> framed(List<Long> ids) {
        List<Long> framed = new ArrayList<>(files.maxLength());
        framed.add(files.bos());
        framed.addAll(ids);
        framed.add(files.eos());
        framed.addAll(Collections.nCopies(files.maxLength() - framed.size(), files.pad()));
        return framed;
    }

    @Override
    public List<Piece> pieces(String text, LearnedWords words) {
        return words.pieces(text, tokenizer::pieces);
    }

    /** How many ids each text becomes, begin and end included. */
    @Override
    public int maxLength() {
        return files.maxLength();
    }

    /** The begin token. */
    @Override
    public int lead() {
        return 1;
    }

    @Override
    public int room() {
        return files.maxLength() - 2;
    }

    @Override
    public long vocabularySize() {
        return files.vocabularySize();
    }

    /** The id every text begins with. */
    public long bos() {
        return files.bos();
    }

    /** The id that ends the text proper. */
    public long eos() {
        return files.eos();
    }

    /** The id that fills up what the text leaves free; often the same as {@link #eos}. */
    public long pad() {
        return files.pad();
    }

    /** Frees the native memory. May be called twice. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
