using System.Collections.Immutable;
using Parquet;
using Parquet.Schema;

namespace Bnn.Report;

/// <summary>Writes columns of one type each as a Parquet file.</summary>
internal static class ParquetFile
{
    /// <param name="columns">Names with values: strings, longs, unsigned longs or doubles, as the type says; null for none.</param>
    public static byte[] Write(ImmutableArray<(string Name, ColumnType Type, ImmutableArray<object?> Values)> columns)
    {
        using var stream = new MemoryStream();
        WriteTo(stream, columns).GetAwaiter().GetResult();      // nothing waits: all of it is in memory
        return stream.ToArray();
    }

    private static async Task WriteTo(
        MemoryStream stream, ImmutableArray<(string Name, ColumnType Type, ImmutableArray<object?> Values)> columns)
    {
        DataField[] fields = [.. columns.Select(column => new DataField(column.Name, TypeOf(column.Type), isNullable: true))];
        var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            using var group = writer.CreateRowGroup();
            foreach (var (field, (_, type, values)) in fields.Zip(columns)) await Write(group, field, type, values).ConfigureAwait(false);
        }
    }

    private static Type TypeOf(ColumnType type) => type switch
    {
        ColumnType.Whole => typeof(long),
        ColumnType.Natural => typeof(ulong),
        ColumnType.Number => typeof(double),
        _ => typeof(string),
    };

    private static Task Write(ParquetRowGroupWriter group, DataField field, ColumnType type, ImmutableArray<object?> values)
    {
        return type switch
        {
            ColumnType.Whole => group.WriteAsync<long>(field, As<long>()),
            ColumnType.Natural => group.WriteAsync<ulong>(field, As<ulong>()),
            ColumnType.Number => group.WriteAsync<double>(field, As<double>()),
            _ => group.WriteAsync(field, (string?[])[.. values.Select(value => (string?)value)]),
        };

        ReadOnlyMemory<T?> As<T>()
            where T : struct => (T?[])[.. values.Select(value => (T?)value)];
    }
}
