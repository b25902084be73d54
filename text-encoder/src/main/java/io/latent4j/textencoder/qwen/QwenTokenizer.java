package io.latent4j.textencoder.qwen;

import com.google.common.base.Preconditions;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.NativeTokenizer;
import io.latent4j.textencoder.TextTokenizer;
import io.latent4j.textencoder.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Qwen's tokenizer: byte-pair encoding of the UTF-8 bytes of words, numbers and runs of other characters, in NFC.
 *
 * <p>A text becomes {@code tokens…, padding…}, always {@link #maxLength} ids, with a chat around it or without. Special
 * tokens such as {@code <|im_end|>} stand for themselves in a text. A character that is half of a surrogate pair is encoded
 * as U+FFFD.
 *
 * <p>Safe for use by many threads; calls run one after the other. Holds native memory until closed.
 */
public final class QwenTokenizer implements TextTokenizer {
    private final NativeTokenizer tokenizer;
    private final QwenFiles files;
    private final Optional<ChatTemplate> chat;
    private final List<Long> before;
    private final List<Long> after;
    private final int maxLength;
    private final boolean shares;

    private QwenTokenizer(NativeTokenizer tokenizer, QwenFiles files, Optional<ChatTemplate> chat) {
        this.tokenizer = tokenizer;
        this.files = files;
        this.chat = chat;
        this.before = chat.map(c -> ids(tokenizer.pieces(c.before()))).orElse(List.of());
        this.after = chat.map(c -> ids(tokenizer.pieces(c.after()))).orElse(List.of());
        this.maxLength = files.maxLength();
        this.shares = false;
    }

    private QwenTokenizer(QwenTokenizer like, int maxLength) {
        this.tokenizer = like.tokenizer;
        this.files = like.files;
        this.chat = like.chat;
        this.before = like.before;
        this.after = like.after;
        this.maxLength = maxLength;
        this.shares = true;
    }

    /**
     * This tokenizer with texts of another length in ids. It shares this one's native memory, so that it works until this one
     * is closed; closing it does nothing.
     *
     * @throws IllegalArgumentException if the length is not from 1 to 65536, or the chat alone is as long
     */
    public QwenTokenizer withMaxLength(int length) {
        QwenTokenizer other = new QwenTokenizer(this, checked(length).getAsInt());
        other.checkRoom();
        return other;
    }

    private void checkRoom() {
        Preconditions.checkArgument(
                room() >= 1,
                "the chat around a prompt takes %s ids; expected a length above that, and not %s",
                before.size() + after.size(),
                maxLength);
    }

    private static List<Long> ids(List<Piece> pieces) {
        return pieces.stream().flatMap(piece -> piece.ids().stream()).toList();
    }

    /**
     * Reads a tokenizer's folder, for texts without a chat around them: {@code tokenizer.json}, or {@code vocab.json} and
     * {@code merges.txt} where that is not there. A text becomes 512 ids, or {@code model_max_length} of {@code
     * tokenizer_config.json} if that is less.
     *
     * @return a tokenizer that the caller closes
     * @throws IOException naming the file that is missing, malformed or inconsistent, and what is wrong with it
     * @throws IllegalStateException if the native library cannot be loaded
     */
    public static QwenTokenizer read(Path folder) throws IOException {
        return read(folder, OptionalInt.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * {@link #read(Path)}, but each text becomes {@code maxLength} ids.
     *
     * @throws IllegalArgumentException if the length is not from 1 to 65536
     */
    public static QwenTokenizer read(Path folder, int maxLength) throws IOException {
        return read(folder, checked(maxLength), Optional.empty(), Optional.empty());
    }

    /**
     * {@link #read(Path, int)}, for prompts in a chat.
     *
     * @throws IllegalArgumentException if the length is not from 1 to 65536, or the chat alone is longer
     */
    public static QwenTokenizer read(Path folder, int maxLength, ChatTemplate chat) throws IOException {
        return read(folder, checked(maxLength), Optional.of(chat), Optional.empty());
    }

    private static OptionalInt checked(int maxLength) {
        Preconditions.checkArgument(
                maxLength >= 1 && maxLength <= QwenFiles.LONGEST,
                "the length of a text in ids is %s; expected 1 to %s",
                maxLength,
                QwenFiles.LONGEST);
        return OptionalInt.of(maxLength);
    }

    static QwenTokenizer read(Path folder, OptionalInt maxLength, Optional<ChatTemplate> chat, Optional<String> padding)
            throws IOException {
        QwenFiles files = QwenFiles.read(folder, maxLength, padding);
        NativeTokenizer tokenizer = NativeTokenizer.of(folder, files.tokenizerJson());
        QwenTokenizer made = new QwenTokenizer(tokenizer, files, chat);
        try {
            made.checkRoom();
        } catch (IllegalArgumentException e) {
            made.close();
            throw e;
        }
        return made;
    }

    @Override
    public List<Piece> pieces(String text, LearnedWords words) {
        return words.pieces(text, tokenizer::pieces);
    }

    /**
     * Encodes one text with the chat around it. What is too long loses its end, the chat's with it, as in the reference;
     * {@link Tokens#cut} is what the text itself lost.
     */
    @Override
    public Tokens encode(String text, LearnedWords words) {
        if (chat.isEmpty()) {
            return TextTokenizer.super.encode(text, words);
        }
        Preconditions.checkNotNull(text, "text");
        int lead = chat.get().before().length(); // ASCII
        List<Long> ids = new ArrayList<>();
        Optional<Integer> cut = Optional.empty(); // where, in code points of the chat
        for (Piece piece : words.pieces(chat.get().of(text), tokenizer::pieces)) {
            if (cut.isEmpty() && ids.size() + piece.ids().size() > maxLength()) {
                cut = Optional.of(piece.start());
            }
            ids.addAll(piece.ids());
        }
        int own = Math.max(0, ids.size() - before.size() - after.size());
        List<Long> kept = padded(ids.subList(0, Math.min(ids.size(), maxLength())));
        return new Tokens(kept, own, cut.flatMap(at -> rest(text, at - lead)));
    }

    private static Optional<String> rest(String text, int from) {
        int points = text.codePointCount(0, text.length());
        return from >= points
                ? Optional.empty()
                : Optional.of(text.substring(text.offsetByCodePoints(0, Math.max(0, from))));
    }

    /** The chat's beginning, {@code ids}, its end, and padding up to the whole length. */
    @Override
    public List<Long> framed(List<Long> ids) {
        List<Long> framed = new ArrayList<>(before);
        framed.addAll(ids);
        framed.addAll(after);
        return padded(framed);
    }

    private List<Long> padded(List<Long> ids) {
        List<Long> padded = new ArrayList<>(ids);
        padded.addAll(Collections.nCopies(maxLength() - ids.size(), files.pad()));
        return padded;
    }

    /** How many ids each text becomes, those of the chat included. */
    @Override
    public int maxLength() {
        return maxLength;
    }

    /** The chat's beginning. */
    @Override
    public int lead() {
        return before.size();
    }

    @Override
    public int room() {
        return maxLength() - before.size() - after.size();
    }

    @Override
    public long vocabularySize() {
        return files.vocabularySize();
    }

    /** The id that fills up what the text leaves free. */
    public long pad() {
        return files.pad();
    }

    /** Frees the native memory, unless it is shared. May be called twice. */
    @Override
    public void close() {
        if (!shares) {
            tokenizer.close();
        }
    }
}
