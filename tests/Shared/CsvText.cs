using System.Text;

namespace Bnn.Tests;

/// <summary>Reads CSV as RFC 4180 has it, with line feeds between the records.</summary>
public static class CsvText
{
    public static string[][] Read(string text)
    {
        var (records, cells, cell, isQuoted) = (new List<string[]>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            if (isQuoted && text[i] == '"' && i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[++i]);
            else if (text[i] == '"') isQuoted = !isQuoted;
            else if (isQuoted || text[i] is not (',' or '\n')) cell.Append(text[i]);
            else
            {
                cells.Add(cell.ToString());
                cell.Clear();
                if (text[i] == ',') continue;
                records.Add([.. cells]);
                cells.Clear();
            }
        }
        return [.. records];
    }
}
