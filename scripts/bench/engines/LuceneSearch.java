// Lucene over the arrays of benches/flat.rs: an impact is a term's frequency, and a score is the
// sum of boost times frequency, as Anserini does it for learned sparse vectors.
//
//     version
//     build  FLAT INDEX            one segment, documents in their order
//     search FLAT INDEX K OUTPUT   two passes over all queries on one thread; writes a line per
//                                  query of the second: microseconds, docids

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.TermFrequencyAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FieldInvertState;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TermStatistics;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.similarities.Similarity;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

public class LuceneSearch {
    static final String FIELD = "vector";

    public static void main(String[] args) throws IOException {
        if (args[0].equals("version")) {
            System.out.println(Version.LATEST);
            return;
        }
        Path flat = Path.of(args[1]), index = Path.of(args[2]);
        if (args[0].equals("build")) {
            build(flat, index);
        } else {
            search(flat, index, Integer.parseInt(args[3]), Path.of(args[4]));
        }
    }

    static class DotProduct extends Similarity {
        @Override
        public long computeNorm(FieldInvertState state) {
            return 1;
        }

        @Override
        public SimScorer scorer(float boost, CollectionStatistics collection, TermStatistics... terms) {
            return new SimScorer() {
                @Override
                public float score(float frequency, long norm) {
                    return boost * frequency;
                }
            };
        }
    }

    /** The terms of a row, each with its impact for a frequency. */
    static class Row extends TokenStream {
        private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
        private final TermFrequencyAttribute frequency = addAttribute(TermFrequencyAttribute.class);
        private final ByteBuffer terms, impacts;
        private long next, end;

        Row(ByteBuffer terms, ByteBuffer impacts) {
            this.terms = terms;
            this.impacts = impacts;
        }

        void goTo(long start, long end) {
            this.next = start;
            this.end = end;
        }

        @Override
        public boolean incrementToken() {
            if (next == end) {
                return false;
            }
            clearAttributes();
            term.append(name(terms.getInt((int) (4 * next))));
            frequency.setTermFrequency(impacts.get((int) next) & 255);
            next++;
            return true;
        }
    }

    static String name(int term) {
        return String.valueOf(1_000_000 + term);
    }

    static ByteBuffer read(Path flat, String name) throws IOException {
        try (FileChannel file = FileChannel.open(flat.resolve(name))) {
            return file.map(FileChannel.MapMode.READ_ONLY, 0, file.size()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    static void build(Path flat, Path index) throws IOException {
        IndexWriterConfig config = new IndexWriterConfig();
        config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
        config.setSimilarity(new DotProduct());
        config.setRAMBufferSizeMB(1024);
        config.setMergePolicy(new LogByteSizeMergePolicy()); // merges neighbors only: docids stay in order
        FieldType type = new FieldType();
        type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
        type.setOmitNorms(true);
        type.setTokenized(true);
        type.freeze();
        ByteBuffer offsets = read(flat, "offsets.u64");
        Row row = new Row(read(flat, "terms.u32"), read(flat, "impacts.u8"));
        Document document = new Document();
        document.add(new Field(FIELD, row, type));
        try (IndexWriter writer = new IndexWriter(new MMapDirectory(index), config)) {
            for (int at = 0; at + 8 < offsets.capacity(); at += 8) {
                row.goTo(offsets.getLong(at), offsets.getLong(at + 8));
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
    }

    static List<Query> queries(Path flat) throws IOException {
        ByteBuffer offsets = read(flat, "query-offsets.u64");
        ByteBuffer terms = read(flat, "query-terms.u32"), weights = read(flat, "query-weights.u32");
        List<Query> queries = new ArrayList<>();
        for (int at = 0; at + 8 < offsets.capacity(); at += 8) {
            BooleanQuery.Builder query = new BooleanQuery.Builder();
            for (int place = (int) offsets.getLong(at); place < offsets.getLong(at + 8); place++) {
                Query term = new TermQuery(new Term(FIELD, name(terms.getInt(4 * place))));
                query.add(new BoostQuery(term, weights.getInt(4 * place)), BooleanClause.Occur.SHOULD);
            }
            queries.add(query.build());
        }
        return queries;
    }

    static void search(Path flat, Path index, int k, Path output) throws IOException {
        List<Query> queries = queries(flat);
        try (DirectoryReader reader = DirectoryReader.open(new MMapDirectory(index));
                BufferedWriter lines = Files.newBufferedWriter(output)) {
            IndexSearcher searcher = new IndexSearcher(reader);
            searcher.setSimilarity(new DotProduct());
            searcher.setQueryCache(null);
            for (boolean counts : new boolean[] {false, true}) {
                for (Query query : queries) {
                    long start = System.nanoTime();
                    // Hits beyond k need not be counted, so scoring may skip from then on.
                    ScoreDoc[] hits = searcher.search(query, new TopScoreDocCollectorManager(k, k)).scoreDocs;
                    double microseconds = (System.nanoTime() - start) / 1e3;
                    if (counts) {
                        StringBuilder line = new StringBuilder().append(microseconds);
                        for (ScoreDoc hit : hits) {
                            line.append(' ').append(hit.doc);
                        }
                        lines.append(line).append('\n');
                    }
                }
            }
        }
    }
}
