package io.latent4j.core.config;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.ToNumberPolicy;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;

/**
 * Parses JSON and YAML to values, within limits of what comes out: depth, number of values, digits of a number. YAML's
 * aliases count as often as they are used.
 */
final class SettingsText {
    private static final int MOST_VALUES = 500_000;
    private static final int DEEPEST = 100;
    static final int MOST_DIGITS = 400; // a double in full has some 330
    private static final Set<String> PLAIN_TAGS = Set.of(
            "!",
            "tag:yaml.org,2002:str",
            "tag:yaml.org,2002:int",
            "tag:yaml.org,2002:float",
            "tag:yaml.org,2002:bool",
            "tag:yaml.org,2002:null",
            "tag:yaml.org,2002:map",
            "tag:yaml.org,2002:seq");

    private int values;

    private SettingsText() {}

    /** What is wrong with a text, without the name of its file. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String problem) {
            super(problem);
        }
    }

    /** Parses one JSON value; {@code NaN} and {@code Infinity}, which Python writes, become strings. */
    static JsonElement json(String text) throws Malformed {
        try (JsonReader reader = lenient(new JsonReader(new StringReader(text)))) {
            if (text.isBlank()) {
                throw new Malformed("is empty");
            }
            JsonElement value = new SettingsText().json(reader, 1);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new Malformed("goes on after its JSON object");
            }
            return value;
        } catch (MalformedJsonException | EOFException | NumberFormatException e) {
            throw new Malformed("is not JSON: " + Shown.text(firstLine(e)));
        } catch (IOException | IllegalStateException e) {
            throw new Malformed("is not JSON: " + Shown.text(firstLine(e)));
        }
    }

    @SuppressWarnings("deprecation") // its successor is missing in the versions of Gson that applications still pin
    private static JsonReader lenient(JsonReader reader) {
        reader.setLenient(true);
        return reader;
    }

    /** What the JSON reader found, without its advice on how to program it. */
    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private JsonElement json(JsonReader reader, int depth) throws IOException, Malformed {
        count(depth);
        switch (reader.peek()) {
            case BEGIN_OBJECT -> {
                JsonObject object = new JsonObject();
                reader.beginObject();
                while (reader.hasNext()) {
                    object.add(reader.nextName(), json(reader, depth + 1));
                }
                reader.endObject();
                return object;
            }
            case BEGIN_ARRAY -> {
                JsonArray array = new JsonArray();
                reader.beginArray();
                while (reader.hasNext()) {
                    array.add(json(reader, depth + 1));
                }
                reader.endArray();
                return array;
            }
            case STRING -> {
                return new JsonPrimitive(reader.nextString());
            }
            case NUMBER -> {
                Number number = ToNumberPolicy.LAZILY_PARSED_NUMBER.readNumber(reader);
                checkDigits(number.toString());
                return new JsonPrimitive(number);
            }
            case BOOLEAN -> {
                return new JsonPrimitive(reader.nextBoolean());
            }
            case NULL -> {
                reader.nextNull();
                return JsonNull.INSTANCE;
            }
            default -> throw new Malformed("is not JSON: a value is missing at " + Shown.text(reader.getPath()));
        }
    }

    private void count(int depth) throws Malformed {
        if (depth > DEEPEST) {
            throw new Malformed("is nested more than " + DEEPEST + " deep");
        }
        count(1L);
    }

    private void count(long more) throws Malformed {
        if (values + more > MOST_VALUES) {
            throw new Malformed("has more than " + MOST_VALUES + " values");
        }
        values += (int) more;
    }

    private static void checkDigits(String number) throws Malformed {
        if (number.length() > MOST_DIGITS) {
            throw new Malformed("has a number of " + number.length() + " digits, which begins with "
                    + number.substring(0, 20) + ", and at most " + MOST_DIGITS + " are read");
        }
    }

    /** Parses one YAML 1.2 document; infinities and NaN become the strings that they are in JSON here. */
    static JsonElement yaml(String text) throws Malformed {
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(Integer.MAX_VALUE) // the caller bounds the text
                .build();
        try {
            return new SettingsText()
                    .new Yaml(settings, new Parse(settings).parseString(text).iterator())
                    .document();
        } catch (MarkedYamlEngineException e) {
            throw new Malformed("is not YAML: " + Shown.text(e.getProblem())
                    + e.getProblemMark().map(SettingsText::place).orElse(""));
        } catch (YamlEngineException e) {
            throw new Malformed("is not YAML: " + Shown.text(firstLine(e)));
        }
    }

    private static String place(Mark mark) {
        return " at line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1);
    }

    /** Makes values of a parser's events, as a composer would, but within limits. */
    private final class Yaml {
        private final ScalarResolver resolver;
        private final Iterator<Event> events;
        private final Map<Anchor, Anchored> anchors = new HashMap<>();
        private final Set<Anchor> open = new HashSet<>(); // anchors of values that are not complete

        private record Anchored(JsonElement value, long values, int height) {}

        Yaml(LoadSettings settings, Iterator<Event> events) {
            this.resolver = settings.getSchema().getScalarResolver();
            this.events = events;
        }

        JsonElement document() throws Malformed {
            events.next(); // the stream's start
            if (events.next().getEventId() == Event.ID.StreamEnd) {
                throw new Malformed("is empty");
            }
            JsonElement value = node(events.next(), 1).value();
            events.next(); // the document's end
            if (events.next().getEventId() != Event.ID.StreamEnd) {
                throw new Malformed("has more than one YAML document");
            }
            return value;
        }

        private Anchored node(Event event, int depth) throws Malformed {
            if (event instanceof AliasEvent alias) {
                return alias(alias.getAlias(), depth);
            }
            count(depth);
            if (event instanceof CollectionStartEvent collection) {
                checkTag(collection.getTag().orElse("!"));
            }
            Anchor anchor = ((NodeEvent) event).getAnchor().orElse(null);
            if (anchor != null) {
                open.add(anchor);
            }
            Anchored read = switch (event.getEventId()) {
                case Scalar -> new Anchored(scalar((ScalarEvent) event), 1, 1);
                case SequenceStart -> sequence(depth);
                default -> mapping(depth);
            };
            if (anchor != null) {
                open.remove(anchor);
                anchors.put(anchor, read);
            }
            return read;
        }

        private static void checkTag(String tag) throws Malformed {
            if (!PLAIN_TAGS.contains(tag)) {
                throw new Malformed("has the tag " + Shown.text(tag) + ", and plain values only are read");
            }
        }

        private Anchored alias(Anchor name, int depth) throws Malformed {
            if (open.contains(name)) {
                throw new Malformed("has the alias *" + Shown.text(name.getValue()) + " inside what it stands for");
            }
            Anchored value = anchors.get(name);
            if (value == null) {
                throw new Malformed("has the alias *" + Shown.text(name.getValue()) + " of no anchor before it");
            }
            if (depth + value.height() - 1 > DEEPEST) {
                throw new Malformed("is nested more than " + DEEPEST + " deep");
            }
            count(value.values());
            return value;
        }

        private Anchored sequence(int depth) throws Malformed {
            JsonArray array = new JsonArray();
            long size = 1;
            int height = 1;
            for (Event next = events.next(); next.getEventId() != Event.ID.SequenceEnd; next = events.next()) {
                Anchored item = node(next, depth + 1);
                array.add(item.value());
                size += item.values();
                height = Math.max(height, item.height() + 1);
            }
            return new Anchored(array, size, height);
        }

        private Anchored mapping(int depth) throws Malformed {
            JsonObject object = new JsonObject();
            long size = 1;
            int height = 1;
            for (Event next = events.next(); next.getEventId() != Event.ID.MappingEnd; next = events.next()) {
                String key = key(next, depth);
                if (object.has(key)) {
                    throw new Malformed("has the key " + Shown.text(key) + " twice");
                }
                Anchored value = node(events.next(), depth + 1);
                object.add(key, value.value());
                size += value.values();
                height = Math.max(height, value.height() + 1);
            }
            return new Anchored(object, size, height);
        }

        private String key(Event event, int depth) throws Malformed {
            if (node(event, depth + 1).value() instanceof JsonPrimitive key) {
                return key.getAsString();
            }
            throw new Malformed("has a key that is not a single value"
                    + event.getStartMark().map(SettingsText::place).orElse(""));
        }

        private JsonElement scalar(ScalarEvent event) throws Malformed {
            String text = event.getValue();
            String tag = event.getTag().orElse("!");
            checkTag(tag);
            boolean isText = tag.equals(Tag.STR.getValue());
            Tag kind = isText
                    ? Tag.STR
                    : resolver.resolve(text, event.getImplicit().canOmitTagInPlainScalar());
            if (kind.equals(Tag.NULL)) {
                return JsonNull.INSTANCE;
            }
            if (kind.equals(Tag.BOOL)) {
                return new JsonPrimitive(Boolean.valueOf(text));
            }
            if (kind.equals(Tag.INT)) {
                checkDigits(text);
                return whole(new BigInteger(text));
            }
            if (kind.equals(Tag.FLOAT)) {
                checkDigits(text);
                return real(text);
            }
            return new JsonPrimitive(text);
        }

        private static JsonPrimitive whole(BigInteger number) {
            return number.bitLength() < Integer.SIZE
                    ? new JsonPrimitive(number.intValue())
                    : number.bitLength() < Long.SIZE
                            ? new JsonPrimitive(number.longValue())
                            : new JsonPrimitive(number);
        }

        private static JsonPrimitive real(String text) {
            return switch (text) {
                case ".nan" -> new JsonPrimitive("NaN");
                case ".inf" -> new JsonPrimitive("Infinity");
                case "-.inf" -> new JsonPrimitive("-Infinity");
                default -> new JsonPrimitive(Double.valueOf(text));
            };
        }
    }
}
